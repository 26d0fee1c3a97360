/**
 * The runtime's half of the contract: turns messages into calls and calls into messages, over any port.
 *
 * Validates everything that arrives before anything happens, batches events, honours cancel, and lets nothing but
 * plain failures out. Knows no transport and no task. The client's half: client.ts.
 */
import { clientMessageSchema, paramsSchemas } from '../contract.ts';
import type { CallName, ClientMessage, EventOf, MessagePortLike, RuntimeClient, RuntimeFailure, RuntimeMessage } from '../contract.ts';
import { RuntimeError, toFailure } from '../errors.ts';

/** Events of a call are held back at most this long, so that a fast stream costs few messages. The first one goes at once. */
const eventBatchMs = 30;

/**
 * Serves a runtime to the other end of `port` until the connection closes, which cancels every call it has under way.
 *
 * A message that cannot be understood is answered with 'request-invalid', under its own call id where it has one and
 * under call id 0 (which no client uses) where it has none.
 */
export function serveCalls(port: MessagePortLike<RuntimeMessage, unknown>, runtime: RuntimeClient): void {
  const underWay = new Map<number, AbortController>();
  let isOpen = true;

  const send = (message: RuntimeMessage): void => {
    if (isOpen) port.post(message);
  };
  const refuse = (callId: number, problem: string): void => send({ kind: 'failure', callId, failure: requestInvalid(problem) });

  port.listen(
    (raw) => {
      const message = clientMessageSchema.safeParse(raw);
      if (!message.success) return refuse(callIdOf(raw), `message: ${problemsOf(message.error)}`);
      const { callId } = message.data;
      if (message.data.kind === 'cancel') {
        underWay.get(callId)?.abort();
        return undefined;
      }
      if (underWay.has(callId)) return refuse(callId, `call id ${callId} is in use by a call under way`);
      const abort = new AbortController();
      underWay.set(callId, abort);
      void answerCall({ message: message.data, runtime, signal: abort.signal, send }).finally(() => underWay.delete(callId));
      return undefined;
    },
    () => {
      isOpen = false;
      for (const abort of underWay.values()) abort.abort();
    },
  );
}

interface CallUnderWay {
  message: Extract<ClientMessage, { kind: 'call' }>;
  runtime: RuntimeClient;
  signal: AbortSignal;
  send: (message: RuntimeMessage) => void;
}

async function answerCall({ message, runtime, signal, send }: CallUnderWay): Promise<void> {
  const { callId } = message;
  const events = batchEvents((batch) => send({ kind: 'events', callId, events: batch }));
  try {
    const { name, params } = checkedCall(message);
    const result = await runtime.call(name, params, { signal, onEvent: (event: EventOf<typeof name>) => events.add(event) });
    events.flush();
    send({ kind: 'result', callId, result });
  } catch (error) {
    events.flush();
    send({ kind: 'failure', callId, failure: toFailure(error) });
  }
}

function checkedCall({ name, params }: { name: string; params?: unknown }): { name: CallName; params: never } {
  if (!Object.hasOwn(paramsSchemas, name)) throw new RuntimeError(requestInvalid(`call: expected one of the contract's, got '${name}'`));
  const checked = paramsSchemas[name as CallName].safeParse(params ?? {});
  if (!checked.success) throw new RuntimeError(requestInvalid(`${name}: ${problemsOf(checked.error)}`));
  return { name: name as CallName, params: checked.data as never };
}

/** Passes the first event on at once and gathers what follows within `eventBatchMs` into one batch. */
function batchEvents(post: (events: unknown[]) => void): { add(event: unknown): void; flush(): void } {
  let waiting: unknown[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    post(batch);
  };
  const flushAndWait = (): void => {
    const hadSome = waiting.length > 0;
    flush();
    if (hadSome) timer = setTimeout(flushAndWait, eventBatchMs);
  };
  return {
    add(event) {
      waiting.push(event);
      if (timer === undefined) flushAndWait();
    },
    flush,
  };
}

function requestInvalid(problem: string): Extract<RuntimeFailure, { code: 'request-invalid' }> {
  return { code: 'request-invalid', message: problem, details: { problem } };
}

function callIdOf(raw: unknown): number {
  const callId = typeof raw === 'object' && raw !== null && 'callId' in raw ? raw.callId : undefined;
  return Number.isSafeInteger(callId) ? (callId as number) : 0;
}

function problemsOf(error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] }): string {
  return error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`)).join('; ');
}
