/**
 * The questions of this session and their answers, as a conversation in which each question stands alone.
 *
 * A question may be put while its documents are still being read: it waits for them. One question is answered at a
 * time. Knows nothing of React, nor of the library: it is given a function that waits for documents.
 */
import type { Answer, DocumentSummary, EventOf, RuntimeClient, RuntimeFailure } from 'model-runtime/contract';
import { invariant, isRuntimeError, toFailure } from 'model-runtime/errors';
import { type StoreApi, createStore } from 'zustand/vanilla';

/** A document that a question is about. */
export interface AskedDocument {
  key: string;
  name: string;
}

/** How far an answer has come. */
export type AnswerState =
  | { kind: 'waiting' }
  /** `preparing`: share of the document that has been made ready for this question; null when that is done. */
  | { kind: 'answering'; preparing: number | null }
  | { kind: 'answered'; answer: Answer }
  | { kind: 'stopped' }
  | { kind: 'failed'; failure: RuntimeFailure };

/** A question and its answer. */
export interface Exchange {
  id: number;
  question: string;
  documents: readonly AskedDocument[];
  /** The answer as far as it has come; kept where it was stopped. */
  text: string;
  state: AnswerState;
}

/** What the conversation shows. */
export interface ConversationState {
  exchanges: readonly Exchange[];
}

/** The conversation and what can be done with it. */
export interface Conversation {
  readonly state: StoreApi<ConversationState>;
  /** Puts a question, unless one is still being answered. Returns whether it did. */
  ask(question: string, documents: readonly AskedDocument[]): boolean;
  /** Stops the answer under way, if there is one. */
  stop(): void;
  /** Puts the same question about the same documents once more, at the end. */
  askAgain(id: number): boolean;
  clear(): void;
}

/** What a conversation needs from outside. */
export interface ConversationNeeds {
  client: RuntimeClient;
  /** Waits until documents are read; rejects with a RuntimeError where they cannot be. */
  whenReady: (keys: readonly string[], signal: AbortSignal) => Promise<DocumentSummary[]>;
  /** Has documents read again that the runtime no longer knows. */
  reopen: (keys: readonly string[]) => void;
}

/** Whether an exchange still has something to come. */
export function isUnderWay({ state }: Exchange): boolean {
  return state.kind === 'waiting' || state.kind === 'answering';
}

/** An empty conversation. */
export function createConversation(needs: ConversationNeeds): Conversation {
  const state = createStore<ConversationState>(() => ({ exchanges: [] }));
  let underWay: AbortController | null = null;
  let lastId = 0;

  function change(id: number, update: (exchange: Exchange) => Partial<Exchange>): void {
    state.setState(({ exchanges }) => ({
      exchanges: exchanges.map((exchange) => (exchange.id === id ? { ...exchange, ...update(exchange) } : exchange)),
    }));
  }

  function noteEvent(id: number, event: EventOf<'ask'>): void {
    if (event.kind === 'answered') return; // it is the only one: the call's result says the same
    change(id, ({ text }) =>
      event.kind === 'text'
        ? { text: text + event.text, state: { kind: 'answering', preparing: null } }
        : { state: { kind: 'answering', preparing: event.fraction } },
    );
  }

  async function answer(exchange: Exchange, signal: AbortSignal): Promise<void> {
    const { id } = exchange;
    const onAsking = (): void => change(id, () => ({ state: { kind: 'answering', preparing: null } }));
    try {
      const result = await askOnce(needs, exchange, { signal, onAsking, onEvent: (event) => noteEvent(id, event) });
      change(id, () => ({ text: result.text, state: { kind: 'answered', answer: result } }));
    } catch (error) {
      change(id, () => ({
        state: isRuntimeError(error, 'cancelled') ? { kind: 'stopped' } : { kind: 'failed', failure: toFailure(error) },
      }));
    } finally {
      underWay = null;
    }
  }

  function ask(question: string, documents: readonly AskedDocument[]): boolean {
    const asked = question.trim();
    if (underWay !== null || asked === '' || documents.length === 0) return false;
    const exchange: Exchange = { id: ++lastId, question: asked, documents, text: '', state: { kind: 'waiting' } };
    underWay = new AbortController();
    state.setState(({ exchanges }) => ({ exchanges: [...exchanges, exchange] }));
    void answer(exchange, underWay.signal);
    return true;
  }

  return {
    state,
    ask,
    stop: () => underWay?.abort(),
    askAgain(id) {
      const exchange = state.getState().exchanges.find((candidate) => candidate.id === id);
      return exchange !== undefined && ask(exchange.question, exchange.documents);
    },
    clear() {
      underWay?.abort();
      state.setState({ exchanges: [] });
    },
  };
}

interface Asking {
  signal: AbortSignal;
  onAsking: () => void;
  onEvent: (event: EventOf<'ask'>) => void;
}

/** Asks once the documents are ready; where the runtime has forgotten them since, has them read again and asks once more. */
async function askOnce(
  { client, whenReady, reopen }: ConversationNeeds,
  { question, documents }: Exchange,
  asking: Asking,
): Promise<Answer> {
  const { signal, onEvent, onAsking } = asking;
  const keys = documents.map(({ key }) => key);
  for (let isSecondTry = false; ; isSecondTry = true) {
    const documentIds = (await whenReady(keys, signal)).map(({ documentId }) => documentId);
    onAsking();
    try {
      const { answers } = await client.call('ask', { documentIds, questions: [question] }, { signal, onEvent });
      const [answer] = answers;
      invariant(answer !== undefined, 'one question has one answer');
      return answer;
    } catch (error) {
      if (isSecondTry || !isRuntimeError(error, 'document-missing')) throw error;
      reopen(keys);
    }
  }
}
