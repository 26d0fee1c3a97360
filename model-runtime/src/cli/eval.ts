/** `recto eval`: asks a model questions whose answers are known, and says how many it gets right. */
import path from 'node:path';
import { z } from 'zod';
import type { Answer, RuntimeClient } from '../contract.ts';
import { readFileBytes } from '../documents/file-bytes.ts';
import { RuntimeError } from '../errors.ts';
import { scoreAnswer } from './answer-score.ts';
import type { AnswerScore } from './answer-score.ts';
import { withRuntime } from './command.ts';
import type { Command, CommandContext } from './command.ts';
import { modeUsage, openDocuments, readingMode } from './open-documents.ts';
import { showTable } from './table.ts';
import { UsageError, oneOf, parseCommandLine, wholeNumber } from './usage.ts';

const usage = `recto eval <questions.json...> [options]

Asks questions whose answers are known and says how many answers are right: exactly (but for case, articles and marks at the ends),
F1 over words, and chrF for translations. Each file names documents, from its own folder, and what is asked about them; no answers
means that the document does not say, and right is then a model that says so:

  { "contract.pdf": [ { "question": "How much is the deposit?", "answers": ["£975", "975 pounds"] } ] }

      --model NAME|DIR  the model to examine (default: the one there is)
${modeUsage}
      --form cached|absorbed   what documents are to the decoder (default: what the memory at hand allows)
      --max-tokens N    stop an answer after so many tokens (default: 64)
      --json            print one JSON value: the scores, and every answer`;

/** See the file's head. */
export const evaluate: Command = { usage, run: runEval };

/** Asked side by side; more gain little (docs/performance.md). */
const together = 8;

const questionsSchema = z.record(
  z.string(),
  z
    .array(
      z.union([z.object({ question: z.string(), answers: z.array(z.string()) }), z.object({ question: z.string(), answer: z.string() })]),
    )
    .min(1),
);

/** A question and what came of it. */
interface Asked extends AnswerScore {
  question: string;
  accepted: string[];
  answer: string;
  /** As the model says of it (contract.ts). */
  probability: number | null;
  isUnsure: boolean;
  isAbsent: boolean;
}

interface Examined {
  path: string;
  asked: Asked[];
}

async function runEval(args: readonly string[], context: CommandContext): Promise<void> {
  const { values, positionals: files } = parseCommandLine(args, {
    model: { type: 'string' },
    mode: { type: 'string' },
    form: { type: 'string' },
    'max-tokens': { type: 'string' },
  });
  const mode = readingMode(values.mode);
  const documentForm = oneOf('--form', values.form, { words: ['cached', 'absorbed'] });
  const maxTokens = wholeNumber('--max-tokens', values['max-tokens'], { from: 1, to: 4096 }) ?? 64;
  if (files.length === 0) throw new UsageError('name at least one file of questions');
  const wanted = (await Promise.all(files.map(readQuestions))).flat();
  await withRuntime(async (runtime) => {
    const examined: Examined[] = [];
    for (const { document, questions } of wanted) {
      const request = { files: [document], model: values.model, password: undefined, mode };
      const [opened] = await openDocuments(runtime, request, context);
      const documentId = opened?.summary.documentId ?? '';
      const answers = await answersTo(runtime, { documentId, questions, maxTokens, documentForm }, context);
      const asked = answers.map(({ text, probability, isUnsure, isAbsent }, index) => {
        const { question, accepted } = questions[index] ?? { question: '', accepted: [] };
        const score =
          accepted.length === 0 ? { isExact: isAbsent, f1: Number(isAbsent), chrF: Number(isAbsent) } : scoreAnswer(text, accepted);
        return { question, accepted, answer: text, ...score, probability, isUnsure, isAbsent };
      });
      examined.push({ path: document, asked });
      await runtime.call('documents.close', { documentId }, { signal: context.signal });
    }
    report(examined, context);
  });
}

async function answersTo(
  runtime: RuntimeClient,
  wish: { documentId: string; questions: readonly Question[]; maxTokens: number; documentForm: 'cached' | 'absorbed' | undefined },
  { signal, terminal }: CommandContext,
): Promise<Answer[]> {
  const { documentId, questions, maxTokens, documentForm } = wish;
  const all: Answer[] = [];
  try {
    for (let from = 0; from < questions.length; from += together) {
      terminal.progress.show(`Asking: ${from} of ${questions.length} questions`, from / questions.length);
      const some = questions.slice(from, from + together).map(({ question }) => question);
      const { answers } = await runtime.call('ask', { documentIds: [documentId], questions: some, maxTokens, documentForm }, { signal });
      all.push(...answers);
    }
    return all;
  } finally {
    terminal.progress.end();
  }
}

interface Question {
  question: string;
  accepted: string[];
}

/** The documents that a file names, and the questions about each. Throws 'file-unreadable', 'file-unsupported'. */
async function readQuestions(file: string): Promise<{ document: string; questions: Question[] }[]> {
  const { bytes } = await readFileBytes(file);
  const parsed = questionsSchema.safeParse(jsonIn(new TextDecoder().decode(bytes)));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const found = `something else (${issue?.path.join('.') || 'the whole file'}: ${issue?.message ?? 'malformed'})`;
    const message = `open ${file}: expected documents and the questions about them, got ${found}`;
    throw new RuntimeError({ code: 'file-unsupported', message, details: { path: file, found } });
  }
  return Object.entries(parsed.data).map(([name, items]) => ({
    document: path.join(path.dirname(file), name),
    questions: items.map((item) => ({ question: item.question, accepted: 'answers' in item ? item.answers : [item.answer] })),
  }));
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function report(examined: readonly Examined[], { terminal }: CommandContext): void {
  const all = examined.flatMap(({ asked }) => asked);
  if (terminal.isJson) {
    const documents = examined.map(({ path: document, asked }) => ({ path: document, ...scoresOf(asked), answers: asked }));
    return terminal.writeJson({ ...scoresOf(all), documents });
  }
  for (const { path: document, asked } of examined) {
    for (const { question, answer, accepted } of asked.filter(({ isExact }) => !isExact)) {
      terminal.note(
        `${path.basename(document)}: ${question}\n  said ${answer === '' ? 'nothing' : answer}; ${accepted.length === 0 ? 'the document does not say' : `right is ${accepted.join(' or ')}`}`,
      );
    }
  }
  const row = (name: string, asked: readonly Asked[]): string[] => {
    const { questions, exact, f1, chrF, sure, exactOfSure } = scoresOf(asked);
    return [name, String(questions), ...[exact, f1, chrF, sure, exactOfSure].map((share) => `${(100 * share).toFixed(1)}%`)];
  };
  const rows = examined.map(({ path: document, asked }) => row(path.basename(document), asked));
  return terminal.write(showTable([['DOCUMENT', 'QUESTIONS', 'EXACT', 'F1', 'CHRF', 'SURE', 'EXACT OF SURE'], ...rows, row('all', all)]));
}

interface Scores {
  questions: number;
  exact: number;
  f1: number;
  chrF: number;
  sure: number;
  exactOfSure: number;
}

/** Shares from 0 to 1: of answers that are exact, that the model does not call unsure, and of those the exact ones. */
function scoresOf(asked: readonly Asked[]): Scores {
  const mean = (some: readonly Asked[], of: (one: Asked) => number): number =>
    some.reduce((sum, one) => sum + of(one), 0) / Math.max(1, some.length);
  const sure = asked.filter(({ isUnsure }) => !isUnsure);
  const exact = (some: readonly Asked[]): number => mean(some, ({ isExact }) => Number(isExact));
  return {
    questions: asked.length,
    exact: exact(asked),
    f1: mean(asked, ({ f1 }) => f1),
    chrF: mean(asked, ({ chrF }) => chrF),
    sure: sure.length / Math.max(1, asked.length),
    exactOfSure: exact(sure),
  };
}
