/** `recto ask`: reads documents whole and answers questions about them. */
import path from 'node:path';
import type { Answer, EventOf } from '../contract.ts';
import { showAmount, showDuration, showPageNumbers } from './amounts.ts';
import { withRuntime } from './command.ts';
import type { Command, CommandContext } from './command.ts';
import { modeUsage, openDocuments, readingMode, reportDocument } from './open-documents.ts';
import type { OpenedDocument } from './open-documents.ts';
import { UsageError, oneOf, parseCommandLine, wholeNumber } from './usage.ts';

const usage = `recto ask <file...> -q "question" [-q ...] [options]

Reads the documents whole and answers the questions about them. The answer goes to stdout as it is found.

  -q, --question TEXT   a question; may be given several times
      --model NAME|DIR  the model to ask (default: the one there is; see \`recto models list\`)
${modeUsage}
      --form cached|absorbed
                        what documents are to the decoder: keys and values, or the encoder's states alone, which take
                        some twenty times less memory (default: what the memory at hand allows)
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
    form: { type: 'string' },
    'max-tokens': { type: 'string' },
    password: { type: 'string' },
  });
  const questions = values.question ?? [];
  const mode = readingMode(values.mode);
  const form = oneOf('--form', values.form, { words: ['cached', 'absorbed'] });
  const maxTokens = wholeNumber('--max-tokens', values['max-tokens'], { from: 1, to: 4096 });
  if (files.length === 0) throw new UsageError('name at least one document to ask about');
  if (questions.length === 0) throw new UsageError('ask something: -q "question"');
  if (questions.some((question) => question.trim() === '')) throw new UsageError('a question is empty');
  if (questions.some((question) => question.length > 8192)) throw new UsageError('a question may have at most 8,192 characters');

  await withRuntime(async (runtime) => {
    const documents = await openDocuments(runtime, { files, model: values.model, password: values.password, mode }, context);
    const documentIds = documents.map(({ summary }) => summary.documentId);
    const printer = new AnswerPrinter(questions, documents, context);
    try {
      const { answers } = await runtime.call(
        'ask',
        { documentIds, questions, maxTokens, documentForm: form },
        { signal: context.signal, onEvent: (event) => printer.note(event) },
      );
      if (context.terminal.isJson) {
        const reported = answers.map((answer) => reportAnswer(answer, documents));
        context.terminal.writeJson({ documents: documents.map(reportDocument), answers: reported });
      }
    } finally {
      printer.end();
    }
  });
}

/** Answers come side by side and are printed one after another: the first that is not whole as it grows, the others when their turn comes. */
class AnswerPrinter {
  readonly #questions: readonly string[];
  readonly #documents: readonly OpenedDocument[];
  readonly #terminal: CommandContext['terminal'];
  readonly #context: CommandContext;
  readonly #texts: string[];
  readonly #answers: (Answer | undefined)[];
  /** The question whose answer is being printed, and whether anything of it has been. */
  #current = 0;
  #hasBegun = false;
  #isLineOpen = false;

  constructor(questions: readonly string[], documents: readonly OpenedDocument[], context: CommandContext) {
    this.#questions = questions;
    this.#documents = documents;
    this.#context = context;
    this.#terminal = context.terminal;
    this.#texts = questions.map(() => '');
    this.#answers = questions.map(() => undefined);
  }

  note(event: EventOf<'ask'>): void {
    if (event.kind === 'preparing') {
      this.#terminal.progress.show(`Preparing to answer: ${Math.floor(event.fraction * 100)}%`, event.fraction);
      return;
    }
    if (event.kind === 'text') this.#texts[event.question] += event.text;
    else this.#answers[event.question] = event.answer;
    while (this.#print());
  }

  /** The shell's prompt belongs on a line of its own, also after Ctrl-C. */
  end(): void {
    this.#terminal.progress.end();
    if (this.#isLineOpen) this.#terminal.write('\n');
    this.#isLineOpen = false;
  }

  /** Prints what is new of the current answer; returns whether it is whole and the next one's turn has come. */
  #print(): boolean {
    const question = this.#questions[this.#current];
    if (question === undefined) return false;
    if (!this.#hasBegun && this.#questions.length > 1) this.#terminal.note(`${this.#current === 0 ? '' : '\n'}${question}`);
    this.#hasBegun = true;
    const [text = '', answer] = [this.#texts[this.#current], this.#answers[this.#current]];
    this.#texts[this.#current] = '';
    if (!this.#terminal.isJson && text !== '') {
      this.#terminal.write(text);
      this.#isLineOpen = true;
    }
    if (answer === undefined) return false;
    this.end();
    noteAnswer(answer, this.#documents, this.#context);
    this.#current++;
    this.#hasBegun = false;
    return true;
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
  if (answer.isUnsure) terminal.note('The model is not sure of this: look at the page.');
  if (answer.documentForm === 'absorbed') terminal.note('Answered from the encoder’s states alone (--form absorbed): less memory, slower.');
  if (answer.finish === 'max-tokens')
    terminal.note(`The answer was cut off after ${showAmount(tokens, 'token')}; --max-tokens takes more.`);
}

/** An answer as --json prints it. */
function reportAnswer(
  { question, text, finish, probability, isUnsure, isAbsent, documentForm, citations, timings }: Answer,
  documents: readonly OpenedDocument[],
): object {
  return {
    question,
    text,
    finish,
    probability,
    isUnsure,
    isAbsent,
    documentForm,
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
