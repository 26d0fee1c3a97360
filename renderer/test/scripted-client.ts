/**
 * A RuntimeClient whose answers a test gives by hand, one call at a time. For the stores alone: what they do between a
 * call and its answer is what their tests are about. The real runtime is driven by e2e/.
 */
import type { CallName, EventOf, ParamsOf, ResultOf, RuntimeClient, RuntimeFailure } from 'model-runtime/contract';
import { RuntimeError, cancelled } from 'model-runtime/errors';

/** A call that a store has made and that still has no answer. */
export interface OpenCall<Name extends CallName> {
  params: ParamsOf<Name>;
  event(event: EventOf<Name>): void;
  succeed(result: ResultOf<Name>): Promise<void>;
  fail(failure: RuntimeFailure): Promise<void>;
}

/** The client, and the test's side of it. */
export interface ScriptedClient {
  client: RuntimeClient;
  /** The names of all calls so far. */
  names: CallName[];
  /** The oldest unanswered call of that name. Throws where there is none. */
  take<Name extends CallName>(name: Name): OpenCall<Name>;
}

interface Pending {
  name: CallName;
  open: OpenCall<CallName>;
}

/** Lets everything that waits on promises happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

/** A client that has not been called. */
export function scriptedClient(): ScriptedClient {
  const pending: Pending[] = [];
  const names: CallName[] = [];
  const client: RuntimeClient = {
    call(name, params, options = {}) {
      const { promise, resolve, reject } = Promise.withResolvers<never>();
      names.push(name);
      const open = {
        params,
        event: (event: never) => options.onEvent?.(event),
        succeed: (result: never) => {
          resolve(result);
          return settle();
        },
        fail: (failure: RuntimeFailure) => {
          reject(new RuntimeError(failure));
          return settle();
        },
      };
      const entry: Pending = { name, open: open as unknown as OpenCall<CallName> };
      pending.push(entry);
      options.signal?.addEventListener('abort', () => {
        pending.splice(pending.indexOf(entry), 1);
        reject(cancelled());
      });
      return promise;
    },
  };
  return {
    client,
    names,
    take<Name extends CallName>(name: Name): OpenCall<Name> {
      const at = pending.findIndex((entry) => entry.name === name);
      const [entry] = at === -1 ? [] : pending.splice(at, 1);
      if (entry === undefined) throw new Error(`no call of ${name} is open`);
      return entry.open as unknown as OpenCall<Name>;
    },
  };
}
