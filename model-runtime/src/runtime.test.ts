/** The runtime whole, over a tiny real model: documents are read and asked, and whatever can go wrong is said. */
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { goldenModel, temporaryFolder } from '../test/golden-case.ts';
import type { Answer, DocumentSummary, EventOf } from './contract.ts';
import { invariant } from './errors.ts';
import { createRuntime } from './runtime.ts';
import type { Runtime } from './runtime.ts';

const model = await goldenModel('plain');
const started: Runtime[] = [];
afterAll(() => Promise.all(started.map((runtime) => runtime.close())));

function newRuntime(dataFolder = temporaryFolder(), options: { keepEveryMs?: number } = {}): Runtime {
  const runtime = createRuntime({ dataFolder, builtInModelsFolder: dirname(model), ...options });
  started.push(runtime);
  return runtime;
}

async function askOne(runtime: Runtime, documentIds: string[], question: string, maxTokens: number): Promise<Answer> {
  const { answers } = await runtime.call('ask', { documentIds, questions: [question], maxTokens });
  const [answer] = answers;
  invariant(answer !== undefined, 'one answer');
  return answer;
}

function textFile(text: string, name = 'letter.txt'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  return path;
}

/** Some `characters` of text in paragraphs: several pages, about a token a character with the tiny tokenizer. */
function prose(characters: number): string {
  let text = '';
  for (let i = 0; text.length < characters; i++) text += `Paragraph ${i} tells of the weather, the post and item ${i * 7}.\n\n`;
  return text.slice(0, characters);
}

describe('reading', () => {
  it('R1, R2, R5: opens, tells of every page, and reports a fraction that never falls and ends at 1', async () => {
    const events: EventOf<'documents.open'>[] = [];
    const runtime = newRuntime();
    const summary = await runtime.call('documents.open', { path: textFile(prose(6000)) }, { onEvent: (event) => events.push(event) });
    expect(summary).toMatchObject({ name: 'letter.txt', model: 'plain', mode: 'exact', cached: false, storeFailure: null, unread: [] });
    expect(summary.pageCount).toBeGreaterThan(1);
    expect(events[0]).toMatchObject({ kind: 'opened', documentId: summary.documentId, pageCount: summary.pageCount });
    const pages = events.flatMap((event) => (event.kind === 'page' ? [event] : []));
    expect(pages.map((page) => page.pageNumber)).toEqual(summary.read.text);
    expect(1 + pages.reduce((sum, page) => sum + page.tokens, 0)).toBe(summary.tokens);
    const fractions = events.flatMap((event) => (event.kind === 'progress' ? [event.fraction] : []));
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    const lastPage = events.findLastIndex((event) => event.kind === 'page');
    expect(events.slice(0, lastPage).some((event) => event.kind === 'progress' && event.fraction > 0)).toBe(true);

    const page = await runtime.call('documents.page', { documentId: summary.documentId, pageNumber: 1 });
    expect(page.blocks[0]?.text).toContain('Paragraph 0');
    expect(await runtime.call('documents.pageImage', { documentId: summary.documentId, pageNumber: 1, widthPx: 100 })).toEqual({
      dataUrl: null,
    });
    await expect(runtime.call('documents.page', { documentId: summary.documentId, pageNumber: 99 })).rejects.toMatchObject({
      code: 'request-invalid',
    });
  });

  it('R3: too many tokens fail with both numbers, and nothing is encoded where the first pages tell', async () => {
    const fractions: number[] = [];
    const path = textFile(prose(20_000));
    const onEvent = (event: EventOf<'documents.open'>): unknown => event.kind === 'progress' && fractions.push(event.fraction);
    const opening = newRuntime().call('documents.open', { path, mode: 'exact' }, { onEvent });
    await expect(opening).rejects.toMatchObject({
      code: 'document-too-long',
      details: { path, limitTokens: 8192, tokens: expect.any(Number) },
    });
    expect(Math.max(...fractions)).toBe(0);
  });

  it('R5, R8: what is too long for the model is read in book mode, is asked like any other, and is kept', async () => {
    const dataFolder = temporaryFolder();
    const path = textFile(prose(20_000));
    const read = async (): Promise<{ summary: DocumentSummary; fractions: number[]; text: string }> => {
      const fractions: number[] = [];
      const runtime = newRuntime(dataFolder);
      const onEvent = (event: EventOf<'documents.open'>): unknown => event.kind === 'progress' && fractions.push(event.fraction);
      const summary = await runtime.call('documents.open', { path }, { onEvent });
      const { text } = await askOne(runtime, [summary.documentId], 'What?', 8);
      return { summary, fractions, text };
    };
    const first = await read();
    expect(first.summary).toMatchObject({ mode: 'book', cached: false });
    expect(first.summary.tokens).toBeGreaterThan(8192);
    expect(first.fractions).toEqual(first.fractions.toSorted((a, b) => a - b));
    expect(first.fractions.at(-1)).toBe(1);
    const again = await read();
    expect(again.summary).toMatchObject({ mode: 'book', cached: true, tokens: first.summary.tokens });
    expect(again.text).toBe(first.text);
    expect((await newRuntime(dataFolder).call('library.list', {})).documents).toMatchObject([{ path, isComplete: true }]);
  });

  it('R4: a document without text says so, and is not left open', async () => {
    const runtime = newRuntime();
    const events: EventOf<'documents.open'>[] = [];
    const opening = runtime.call('documents.open', { path: textFile(' \n \n') }, { onEvent: (event) => events.push(event) });
    await expect(opening).rejects.toMatchObject({ code: expect.stringMatching(/document-empty|file-unreadable/) });
    for (const event of events) {
      if (event.kind !== 'opened') continue;
      await expect(runtime.call('documents.page', { documentId: event.documentId, pageNumber: 1 })).rejects.toMatchObject({
        code: 'document-missing',
      });
    }
  });

  it('R6: a cancel stops the reading, and the document can be read afterwards', async () => {
    const runtime = newRuntime();
    const path = textFile(prose(6000));
    const abort = new AbortController();
    const opening = runtime.call(
      'documents.open',
      { path },
      { signal: abort.signal, onEvent: (event) => event.kind === 'page' && abort.abort() },
    );
    await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
    expect(await runtime.call('documents.open', { path })).toMatchObject({ cached: false });
  });

  it('names a file that is not there', async () => {
    const path = join(temporaryFolder(), 'nothing.pdf');
    await expect(newRuntime().call('documents.open', { path })).rejects.toMatchObject({
      code: 'file-unreadable',
      details: { path, reason: 'missing' },
    });
  });
});

describe('stored states', () => {
  it('L1: the next runtime finds the states, and answers the same', async () => {
    const dataFolder = temporaryFolder();
    const path = textFile(prose(1500));
    const answerOf = async (): Promise<{ cached: boolean; text: string }> => {
      const runtime = newRuntime(dataFolder);
      const { documentId, cached } = await runtime.call('documents.open', { path });
      const { text } = await askOne(runtime, [documentId], 'Which item?', 12);
      return { cached, text };
    };
    const first = await answerOf();
    expect(first.cached).toBe(false);
    expect(await answerOf()).toEqual({ cached: true, text: first.text });
  });

  it('L4, L8: where another file of the same text was interrupted, one that has begun already is read to its end', async () => {
    const dataFolder = temporaryFolder();
    const text = prose(1800); // rows enter while it is parsed, and no layer runs yet
    const runtime = newRuntime(dataFolder, { keepEveryMs: 0 });
    const abort = new AbortController();
    const onEvent = (event: EventOf<'documents.open'>): unknown => event.kind === 'progress' && event.fraction > 0.3 && abort.abort();
    const opening = runtime.call('documents.open', { path: textFile(text) }, { signal: abort.signal, onEvent });
    await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
    expect((await runtime.call('library.list', {})).documents).toMatchObject([{ isComplete: false }]);
    expect(await runtime.call('documents.open', { path: textFile(`${text}\n`) })).toMatchObject({ cached: false });
  });

  it('L3: states that cannot be kept are no failure, and the summary says why', async () => {
    const dataFolder = temporaryFolder();
    writeFileSync(join(dataFolder, 'library'), 'a file where a folder should be');
    const runtime = newRuntime(dataFolder);
    const summary = await runtime.call('documents.open', { path: textFile('The total is 42.') });
    expect(summary.storeFailure).toMatchObject({ message: expect.any(String) });
    expect(await askOne(runtime, [summary.documentId], 'Total?', 2)).toMatchObject({ finish: expect.any(String) });
  });
});

describe('asking', () => {
  it('streams the answer that it returns, over one document and over two', async () => {
    const runtime = newRuntime();
    const one = await runtime.call('documents.open', { path: textFile(prose(800), 'one.txt') });
    const two = await runtime.call('documents.open', { path: textFile('Another document altogether.', 'two.txt') });
    for (const documentIds of [[one.documentId], [one.documentId, two.documentId]]) {
      let streamed = '';
      const onEvent = (event: EventOf<'ask'>): void => {
        if (event.kind === 'text') streamed += event.text;
      };
      const question = 'What is item 7? $& {document}';
      const { answers } = await runtime.call('ask', { documentIds, questions: [question], maxTokens: 16 }, { onEvent });
      const [answer] = answers;
      invariant(answer !== undefined, 'one answer');
      expect(streamed.trim()).toBe(answer.text);
      expect(answer.text).not.toBe('');
      expect(answer.timings.tokens).toBeGreaterThan(0);
      expect(answer.pages.map((entry) => entry.documentId)).toEqual(documentIds);
    }
  });

  it('D12: what the model says where a document does not answer is marked, and cites nothing', async () => {
    const runtime = newRuntime();
    const path = textFile(prose(800));
    const folder = temporaryFolder();
    cpSync(join(import.meta.dirname, '../test/golden/plain/checkpoint'), folder, { recursive: true });
    const answerOf = async (name: string, absent: object): Promise<Answer> => {
      writeFileSync(join(folder, 'prompts.json'), JSON.stringify({ ask: { encoder: '{document}', decoder: '{question}', ...absent } }));
      await runtime.call('models.import', { folder, name, precision: 'fp32' });
      const { documentId } = await runtime.call('documents.open', { path, model: name });
      return askOne(runtime, [documentId], 'Who?', 4);
    };
    const usual = await answerOf('answers', {});
    expect(usual).toMatchObject({ isAbsent: false });
    expect(await answerOf('knows', { absent: usual.text })).toMatchObject({ text: usual.text, isAbsent: true, citations: [] });
  });

  it('D8, D9: questions asked together, and of either form of the document, are answered as each alone', async () => {
    const runtime = newRuntime();
    const { documentId } = await runtime.call('documents.open', { path: textFile(prose(1200)) });
    const questions = ['What is item 7?', 'Which one is the last item of all?', 'Item?'];
    const alone: string[] = [];
    for (const question of questions) alone.push((await askOne(runtime, [documentId], question, 12)).text);
    for (const documentForm of ['absorbed', 'cached'] as const) {
      const streamed = questions.map(() => '');
      const answered: number[] = [];
      const result = await runtime.call(
        'ask',
        { documentIds: [documentId], questions, maxTokens: 12, documentForm },
        {
          onEvent: (event) => {
            if (event.kind === 'text') streamed[event.question] += event.text;
            if (event.kind === 'answered') answered.push(event.question);
          },
        },
      );
      expect(result.answers.map((answer) => answer.documentForm)).toEqual(questions.map(() => documentForm));
      expect(result.answers.map(({ text }) => text)).toEqual(alone);
      expect(streamed.map((text) => text.trim())).toEqual(alone);
      expect(answered.toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
    }
  });

  it('D10: a first question does not wait for keys and values; a later one finds them, made meanwhile', async () => {
    const runtime = createRuntime({ dataFolder: temporaryFolder(), builtInModelsFolder: dirname(model), mostPreparing: 0 });
    started.push(runtime);
    const { documentId } = await runtime.call('documents.open', { path: textFile(prose(1200)) });
    const first = await askOne(runtime, [documentId], 'What is item 7?', 12);
    expect(first.documentForm).toBe('absorbed');
    await vi.waitFor(
      async () => {
        const later = await askOne(runtime, [documentId], 'What is item 7?', 12);
        expect(later).toMatchObject({ documentForm: 'cached', text: first.text });
      },
      { interval: 100, timeout: 10_000 },
    );
  });

  it('a closed document is missing', async () => {
    const runtime = newRuntime();
    const { documentId } = await runtime.call('documents.open', { path: textFile('Short.') });
    await runtime.call('documents.close', { documentId });
    await expect(runtime.call('ask', { documentIds: [documentId], questions: ['What?'] })).rejects.toMatchObject({
      code: 'document-missing',
    });
  });
});

describe('models', () => {
  it('lists, imports, verifies and removes', async () => {
    const dataFolder = temporaryFolder();
    const runtime = newRuntime(dataFolder);
    const checkpoint = join(import.meta.dirname, '../test/golden/short/checkpoint');
    const { model: made } = await runtime.call('models.import', { folder: checkpoint, name: 'mine', precision: 'fp32' });
    expect(made).toMatchObject({ name: 'mine', precision: 'fp32', isBuiltIn: false });
    const { models } = await runtime.call('models.list', {});
    expect(models.map(({ name }) => name)).toEqual(expect.arrayContaining(['mine', 'plain']));
    expect((await runtime.call('models.verify', { model: 'mine' })).files).toBeGreaterThan(5);
    expect((await runtime.call('models.remove', { model: 'mine' })).freedBytes).toBeGreaterThan(1000);
    expect(readdirSync(join(dataFolder, 'models'))).toEqual([]);
    await expect(runtime.call('models.import', { folder: checkpoint, name: '../evil' })).rejects.toMatchObject({ code: 'request-invalid' });
  });

  it('I6: an altered model is named before anything is answered', async () => {
    const dataFolder = temporaryFolder();
    mkdirSync(join(dataFolder, 'models', 'broken'), { recursive: true });
    for (const file of readdirSync(model)) {
      const target = join(dataFolder, 'models', 'broken', basename(file));
      if (file === 'decoder.cached.onnx') writeFileSync(target, 'no graph');
      else symlinkSync(join(model, file), target);
    }
    const opening = newRuntime(dataFolder).call('documents.open', { path: textFile('Text.'), model: 'broken' });
    await expect(opening).rejects.toMatchObject({ code: 'model-corrupt', details: { file: 'decoder.cached.onnx' } });
  });
});
