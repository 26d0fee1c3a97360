/** Asking: questions and the documents they are about go in, answers come out side by side, word by word. */
import { citationsOf } from '../answering/citations.ts';
import type { Decoder, DocumentRows } from '../answering/decoder.ts';
import type { DraftSource } from '../answering/drafts.ts';
import { generate } from '../answering/generate.ts';
import type { Generated } from '../answering/generate.ts';
import type { Answer } from '../contract.ts';
import type { PageText } from '../documents/page.ts';
import { invariant } from '../errors.ts';
import type { Manifest, PromptTemplate } from '../manifest.ts';
import { TextStream } from '../tokenizer/text-stream.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

/** What answers. */
export interface Answerer {
  manifest: Manifest;
  tokenizer: Tokenizer;
  decoder: Decoder;
}

/** What is asked. */
export interface Questions {
  questions: readonly string[];
  /** Of each answer. */
  maxTokens: number;
  /** The documents, made ready for the decoder. */
  document: DocumentRows;
  /** The same documents' tokens, which an answer often repeats. */
  drafts: DraftSource;
  /** The same documents' pages, for saying where the answer stands. */
  sources: readonly { documentId: string; pages: readonly PageText[] }[];
  /** What to append to the answer of a question, told by its place. */
  onText: (question: number, text: string) => void;
  /** An answer is whole. */
  onAnswer: (question: number, answer: Answer) => void;
  signal?: AbortSignal | undefined;
}

/** Answers questions, all at once. Throws 'cancelled'. */
export async function ask(answerer: Answerer, asked: Questions): Promise<Answer[]> {
  const { manifest, tokenizer, decoder } = answerer;
  const { unsureBelow, absent } = manifest.prompts.ask;
  const underWay = asked.questions.map((question) => new AnswerUnderWay(question, tokenizer));
  const answers: Answer[] = [];
  const steps = generate(decoder, {
    prompts: asked.questions.map((question) => decoderPrompt(answerer, question)),
    document: asked.document,
    drafts: asked.drafts,
    tellsProbability: unsureBelow !== undefined,
    tokens: manifest.tokens,
    maxTokens: asked.maxTokens,
    signal: asked.signal,
  });
  for await (const { text: question, ids, ended } of steps) {
    const answer = underWay[question];
    invariant(answer !== undefined, 'tokens of a question that was asked');
    const added = ids.map((id) => answer.push(id)).join('') + (ended === undefined ? '' : answer.end());
    if (added !== '') asked.onText(question, added);
    if (ended === undefined) continue;
    const finished = answer.finished(ended, { ...asked, unsureBelow, absent });
    answers[question] = finished;
    asked.onAnswer(question, finished);
  }
  return answers;
}

/** One answer while its tokens come. */
class AnswerUnderWay {
  readonly #question: string;
  readonly #text: TextStream;
  readonly #startedMs = performance.now();
  #firstTokenMs: number | undefined;
  #lastTokenMs: number | undefined;
  #count = 0;

  constructor(question: string, tokenizer: Tokenizer) {
    this.#question = question;
    this.#text = new TextStream(tokenizer);
  }

  /** Takes a token; returns the text that is certain now. */
  push(id: number): string {
    this.#lastTokenMs = performance.now() - this.#startedMs;
    this.#firstTokenMs ??= this.#lastTokenMs;
    this.#count++;
    return this.#text.push(id);
  }

  /** No more tokens will come; returns the text that was held back. */
  end(): string {
    return this.#text.end();
  }

  finished(
    { finish, probability, drafted, accepted }: Generated,
    { sources, document, unsureBelow, absent }: Pick<Questions, 'sources' | 'document'> & Pick<PromptTemplate, 'unsureBelow' | 'absent'>,
  ): Answer {
    const totalMs = this.#lastTokenMs ?? performance.now() - this.#startedMs;
    const firstTokenMs = this.#firstTokenMs ?? totalMs;
    const tokens = this.#count;
    const text = this.#text.text.trim();
    const isAbsent = text === absent;
    return {
      question: this.#question,
      text,
      finish,
      probability,
      isUnsure: probability !== null && unsureBelow !== undefined && probability < unsureBelow,
      isAbsent,
      documentForm: document.form,
      citations: isAbsent ? [] : sources.flatMap(({ documentId, pages }) => citationsOf(this.#text.text, documentId, pages)),
      pages: sources.map(({ documentId, pages }) => ({
        documentId,
        pageNumbers: pages.filter((page) => page.read !== 'none').map((page) => page.pageNumber),
      })),
      timings: {
        firstTokenMs,
        totalMs,
        tokens,
        tokensPerSecond: tokens < 2 || totalMs === firstTokenMs ? 0 : ((tokens - 1) * 1000) / (totalMs - firstTokenMs),
        drafted,
        accepted,
      },
    };
  }
}

/** <bos>, then the model's own template around the question. */
function decoderPrompt({ manifest, tokenizer }: Answerer, question: string): number[] {
  // A function as replacement: a question may hold "$&".
  const text = manifest.prompts.ask.decoder.replace('{question}', () => question);
  return [manifest.tokens.bos, ...tokenizer.encode(text).ids];
}
