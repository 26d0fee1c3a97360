/** The conversation between a question and its answer. */
import type { Answer, DocumentSummary } from 'model-runtime/contract';
import { cancelled } from 'model-runtime/errors';
import { describe, expect, it } from 'vitest';
import { type ScriptedClient, scriptedClient, settle } from '../../test/scripted-client.ts';
import { type Conversation, type Exchange, createConversation } from './ask-store.ts';

const lease = { key: 'document-1', name: 'lease.pdf' };
const timings = { firstTokenMs: 20, totalMs: 50, tokens: 4, tokensPerSecond: 100, drafted: 0, accepted: 0 };

function answerOf(text: string): Answer {
  return {
    question: 'q',
    text,
    finish: 'end',
    probability: 0.9,
    isUnsure: false,
    isAbsent: false,
    documentForm: 'cached',
    citations: [],
    pages: [],
    timings,
  };
}

function newConversation(whenReady?: (keys: readonly string[], signal: AbortSignal) => Promise<DocumentSummary[]>): ScriptedClient & {
  conversation: Conversation;
  last: () => Exchange | undefined;
  reopened: string[][];
} {
  const scripted = scriptedClient();
  const ready = (keys: readonly string[]): Promise<DocumentSummary[]> =>
    Promise.resolve(keys.map((key) => ({ documentId: `id of ${key}` }) as DocumentSummary));
  const reopened: string[][] = [];
  const reopen = (keys: readonly string[]): unknown => reopened.push([...keys]);
  const conversation = createConversation({ client: scripted.client, whenReady: whenReady ?? ready, reopen });
  return { ...scripted, reopened, conversation, last: () => conversation.state.getState().exchanges.at(-1) };
}

describe('conversation', () => {
  it('asks the runtime about the documents and gathers the answer as it comes', async () => {
    const { conversation, take, last } = newConversation();
    expect(conversation.ask('  How much is the rent? ', [lease])).toBe(true);
    await settle();
    const asked = take('ask');
    expect(asked.params).toEqual({ documentIds: ['id of document-1'], questions: ['How much is the rent?'] });
    asked.event({ kind: 'preparing', fraction: 0.5 });
    expect(last()).toMatchObject({ text: '', state: { kind: 'answering', preparing: 0.5 } });
    asked.event({ kind: 'text', question: 0, text: '£8' });
    asked.event({ kind: 'text', question: 0, text: '45' });
    expect(last()).toMatchObject({ text: '£845', state: { kind: 'answering', preparing: null } });
    await asked.succeed({ answers: [answerOf('£845')] });
    expect(last()).toMatchObject({ text: '£845', state: { kind: 'answered', answer: { timings } } });
  });

  it('takes no empty question, none without documents, and none while another is answered', async () => {
    const { conversation, take } = newConversation();
    expect(conversation.ask('  ', [lease])).toBe(false);
    expect(conversation.ask('Who?', [])).toBe(false);
    expect(conversation.ask('Who?', [lease])).toBe(true);
    expect(conversation.ask('When?', [lease])).toBe(false);
    await settle();
    await take('ask').succeed({ answers: [answerOf('Ann')] });
    expect(conversation.ask('When?', [lease])).toBe(true);
  });

  it('keeps what had come when it is stopped', async () => {
    const { conversation, take, last } = newConversation();
    conversation.ask('Who?', [lease]);
    await settle();
    take('ask').event({ kind: 'text', question: 0, text: 'Ann and' });
    conversation.stop();
    await settle();
    expect(last()).toMatchObject({ text: 'Ann and', state: { kind: 'stopped' } });
    expect(conversation.ask('When?', [lease])).toBe(true);
  });

  it('waits for documents that are being read, and can be stopped meanwhile', async () => {
    const { conversation, names, last } = newConversation((_, signal) => {
      const { promise, reject } = Promise.withResolvers<DocumentSummary[]>();
      signal.addEventListener('abort', () => reject(cancelled()));
      return promise;
    });
    conversation.ask('Who?', [lease]);
    await settle();
    expect(last()?.state.kind).toBe('waiting');
    conversation.stop();
    await settle();
    expect(last()?.state.kind).toBe('stopped');
    expect(names).toEqual([]);
  });

  it('shows a failure in its place and asks again about the same documents', async () => {
    const { conversation, take, last } = newConversation();
    conversation.ask('Who?', [lease]);
    await settle();
    await take('ask').fail({ code: 'runtime-stopped', message: 'x', details: { reason: 'killed' } });
    expect(last()).toMatchObject({ state: { kind: 'failed', failure: { code: 'runtime-stopped' } } });
    conversation.askAgain(last()?.id ?? 0);
    expect(last()).toMatchObject({ question: 'Who?', documents: [lease], state: { kind: 'waiting' } });
    expect(conversation.state.getState().exchanges).toHaveLength(2);
  });

  it('has documents read again that the runtime has forgotten, once, and asks again by itself', async () => {
    const { conversation, take, last, reopened } = newConversation();
    const forgotten = { code: 'document-missing', message: 'x', details: { documentId: 'id of document-1' } } as const;
    conversation.ask('Who?', [lease]);
    await settle();
    await take('ask').fail(forgotten);
    expect(reopened).toEqual([['document-1']]);
    await take('ask').succeed({ answers: [answerOf('Ann')] });
    expect(last()?.text).toBe('Ann');
    conversation.ask('When?', [lease]);
    await settle();
    await take('ask').fail(forgotten);
    await take('ask').fail(forgotten);
    expect(last()).toMatchObject({ state: { kind: 'failed', failure: { code: 'document-missing' } } });
    expect(reopened).toHaveLength(2);
  });

  it('cleared, forgets everything and stops what is under way', async () => {
    const { conversation, take } = newConversation();
    conversation.ask('Who?', [lease]);
    await settle();
    conversation.clear();
    await settle();
    expect(conversation.state.getState().exchanges).toEqual([]);
    expect(() => take('ask')).toThrow('no call of ask is open');
  });
});
