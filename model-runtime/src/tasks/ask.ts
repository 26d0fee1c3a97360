/** Asking: a question and the documents it is about go in, an answer comes out word by word. */
import { citationsOf } from '../answering/citations.ts';
import type { Decoder } from '../answering/decoder.ts';
import type { DraftSource } from '../answering/drafts.ts';
import { generate } from '../answering/generate.ts';
import type { KvCache } from '../answering/kv-cache.ts';
import type { Answer } from '../contract.ts';
import type { PageText } from '../documents/page.ts';
import type { Manifest } from '../manifest.ts';
import { TextStream } from '../tokenizer/text-stream.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

/** What answers. */
export interface Answerer {
  manifest: Manifest;
  tokenizer: Tokenizer;
  decoder: Decoder;
}

/** What is asked. */
export interface Question {
  question: string;
  maxTokens: number;
  /** The documents' keys and values, joined. */
  document: KvCache;
  /** The same documents' tokens, which an answer often repeats. */
  drafts: DraftSource;
  /** The same documents' pages, for saying where the answer stands. */
  sources: readonly { documentId: string; pages: readonly PageText[] }[];
  onText: (text: string) => void;
  signal?: AbortSignal | undefined;
}

/** Answers one question. Throws 'cancelled'. */
export async function ask(answerer: Answerer, asked: Question): Promise<Answer> {
  const { manifest, tokenizer, decoder } = answerer;
  const startedMs = performance.now();
  const text = new TextStream(tokenizer);
  const show = (added: string): void => {
    if (added !== '') asked.onText(added);
  };
  const tokens = generate(decoder, {
    prompt: decoderPrompt(answerer, asked.question),
    document: asked.document,
    drafts: asked.drafts,
    tokens: manifest.tokens,
    maxTokens: asked.maxTokens,
    signal: asked.signal,
  });
  let firstTokenMs: number | undefined;
  let count = 0;
  let step = await tokens.next();
  for (; !step.done; step = await tokens.next()) {
    firstTokenMs ??= performance.now() - startedMs;
    count++;
    show(text.push(step.value));
  }
  show(text.end());
  const totalMs = performance.now() - startedMs;
  return {
    question: asked.question,
    text: text.text.trim(),
    finish: step.value.finish,
    citations: asked.sources.flatMap(({ documentId, pages }) => citationsOf(text.text, documentId, pages)),
    pages: asked.sources.map(({ documentId, pages }) => ({
      documentId,
      pageNumbers: pages.filter((page) => page.read !== 'none').map((page) => page.pageNumber),
    })),
    timings: {
      firstTokenMs: firstTokenMs ?? totalMs,
      totalMs,
      tokens: count,
      tokensPerSecond: count < 2 || firstTokenMs === undefined ? 0 : ((count - 1) * 1000) / (totalMs - firstTokenMs),
      drafted: step.value.drafted,
      accepted: step.value.accepted,
    },
  };
}

/** <bos>, then the model's own template around the question. */
function decoderPrompt({ manifest, tokenizer }: Answerer, question: string): number[] {
  // A function as replacement: a question may hold "$&".
  const text = manifest.prompts.ask.decoder.replace('{question}', () => question);
  return [manifest.tokens.bos, ...tokenizer.encode(text).ids];
}
