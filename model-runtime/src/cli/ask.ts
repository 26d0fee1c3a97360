/** `recto ask`: reads documents whole and answers questions about them. */
import path from 'node:path';
import type { Answer, RuntimeClient } from '../contract.ts';
import { showAmount, showDuration, showPageNumbers } from './amounts.ts';
import { withRuntime } from './command.ts';
import type { Command, CommandContext } from './command.ts';
import { modeUsage, openDocuments, readingMode, reportDocument } from './open-documents.ts';
import type { OpenedDocument } from './open-documents.ts';
import { UsageError, parseCommandLine, wholeNumber } from './usage.ts';

const usage = `recto ask <file...> -q "question" [-q ...] [options]

Reads the documents whole and answers the questions about them. The answer goes to stdout as it is found.

  -q, --question TEXT   a question; may be given several times
      --model NAME|DIR  the model to ask (default: the one there is; see \`recto models list\`)
${modeUsage}
      --max-tokens N    stop an answer after so many tokens (default: 256)
      --password P      the password of encrypted documents (default: asks for it)
      --json            print one JSON value: documents, answers, where they stand, timings`;

/** See the file's head. */
export const ask: Command = { usage, run: runAsk };

async function runAsk(args: readonly string[], context: CommandContext): Promise<void> {
  const { values, positionals: files } = parseCommandLine(args, {
    question: { type: 'string', short: 'q', multiple: true },
    model: { type: 'string' },
    mode: { type: 'string' },
    'max-tokens': { type: 'string' },
    password: { type: 'string' },
  });
  const questions = values.question ?? [];
  const mode = readingMode(values.mode);
  const maxTokens = wholeNumber('--max-tokens', values['max-tokens'], { from: 1, to: 4096 });
  if (files.length === 0) throw new UsageError('name at least one document to ask about');
  if (questions.length === 0) throw new UsageError('ask something: -q "question"');
  if (questions.some((question) => question.trim() === '')) throw new UsageError('a question is empty');
  if (questions.some((question) => question.length > 8192)) throw new UsageError('a question may have at most 8,192 characters');

  await withRuntime(async (runtime) => {
    const documents = await openDocuments(runtime, { files, model: values.model, password: values.password, mode }, context);
    const answers: Answer[] = [];
    for (const question of questions) {
      if (questions.length > 1) context.terminal.note(`${answers.length === 0 ? '' : '\n'}${question}`);
      const answer = await answerOne(runtime, { documents, question, maxTokens }, context);
      answers.push(answer);
      noteAnswer(answer, documents, context);
    }
    if (context.terminal.isJson) {
      context.terminal.writeJson({
        documents: documents.map(reportDocument),
        answers: answers.map((answer) => reportAnswer(answer, documents)),
      });
    }
  });
}

async function answerOne(
  runtime: RuntimeClient,
  { documents, question, maxTokens }: { documents: readonly OpenedDocument[]; question: string; maxTokens: number | undefined },
  { terminal, signal }: CommandContext,
): Promise<Answer> {
  const documentIds = documents.map(({ summary }) => summary.documentId);
  let streamed = '';
  try {
    const answer = await runtime.call(
      'ask',
      { documentIds, question, maxTokens },
      {
        signal,
        onEvent: (event) => {
          if (event.kind === 'preparing')
            terminal.progress.show(`Preparing to answer: ${Math.floor(event.fraction * 100)}%`, event.fraction);
          else if (!terminal.isJson) {
            streamed += event.text;
            terminal.write(event.text);
          }
        },
      },
    );
    if (!terminal.isJson && streamed === '') terminal.write(answer.text);
    streamed = answer.text;
    return answer;
  } finally {
    terminal.progress.end();
    // Also after Ctrl-C: the shell's prompt belongs on a line of its own.
    if (!terminal.isJson && streamed !== '') terminal.write('\n');
  }
}

/** What the model had before it, where the answer stands, and how long it took. */
function noteAnswer(answer: Answer, documents: readonly OpenedDocument[], { terminal }: CommandContext): void {
  const nameOf = (documentId: string): string => path.basename(pathOf(documentId, documents));
  const read = answer.pages.map(({ documentId, pageNumbers }) => {
    const pages = `${pageNumbers.length === 1 ? 'page' : 'pages'} ${showPageNumbers(pageNumbers)}`;
    return documents.length === 1 ? pages : `${pages} of ${nameOf(documentId)}`;
  });
  const { firstTokenMs, totalMs, tokens, accepted } = answer.timings;
  const drafts = accepted === 0 ? '' : ` (${accepted} guessed from the document)`;
  const time = `${showAmount(tokens, 'token')}${drafts} in ${showDuration(totalMs)}, the first after ${showDuration(firstTokenMs)}`;
  const places = answer.citations.map(({ documentId, pageNumber }) =>
    documents.length === 1 ? `page ${pageNumber}` : `page ${pageNumber} of ${nameOf(documentId)}`,
  );
  const stands = places.length === 0 ? '' : `; it stands on ${[...new Set(places)].join(', ')}`;
  terminal.note(`read ${read.join(', ')}${stands}; ${time}`);
  if (answer.finish === 'max-tokens')
    terminal.note(`The answer was cut off after ${showAmount(tokens, 'token')}; --max-tokens takes more.`);
}

/** An answer as --json prints it. */
function reportAnswer({ question, text, finish, citations, timings }: Answer, documents: readonly OpenedDocument[]): object {
  return {
    question,
    text,
    finish,
    citations: citations.map(({ documentId, pageNumber, quote, boxes, support }) => ({
      document: pathOf(documentId, documents),
      page: pageNumber,
      quote,
      boxes,
      support,
    })),
    timings,
  };
}

function pathOf(documentId: string, documents: readonly OpenedDocument[]): string {
  return documents.find(({ summary }) => summary.documentId === documentId)?.givenPath ?? documentId;
}
