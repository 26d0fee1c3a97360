/**
 * The client's half of the contract: turns calls into messages and messages into promises, over any port.
 *
 * Pure (no node, no DOM), so that the renderer, the shell and the tests use this one. The other half is
 * server/serve-calls.ts.
 */
import type { CallName, ClientMessage, EventOf, MessagePortLike, ParamsOf, ResultOf, RuntimeClient, RuntimeMessage } from './contract.ts';
import { RuntimeError, cancelled, fromFailure } from './errors.ts';

interface PendingCall {
  onEvent: (event: never) => void;
  resolve: (result: never) => void;
  reject: (error: Error) => void;
}

/**
 * A RuntimeClient over one end of a connection. When the connection closes, calls under way and all later ones reject
 * with 'runtime-stopped'. Aborting a call's signal rejects it at once with 'cancelled' and tells the runtime.
 */
export function connectClient(port: MessagePortLike<ClientMessage, RuntimeMessage>): RuntimeClient {
  const pending = new Map<number, PendingCall>();
  let lastCallId = 0;
  let closedBecause: string | undefined;

  port.listen(
    (message) => {
      const call = pending.get(message.callId);
      if (call === undefined) return; // cancelled on this side; the runtime's last words about it
      if (message.kind === 'events') {
        for (const event of message.events) call.onEvent(event as never);
        return;
      }
      pending.delete(message.callId);
      if (message.kind === 'result') call.resolve(message.result as never);
      else call.reject(fromFailure(message.failure));
    },
    (reason) => {
      closedBecause = reason;
      for (const call of pending.values()) call.reject(stopped(reason));
      pending.clear();
    },
  );

  return {
    call<Name extends CallName>(
      name: Name,
      params: ParamsOf<Name>,
      options: { onEvent?: (event: EventOf<Name>) => void; signal?: AbortSignal } = {},
    ): Promise<ResultOf<Name>> {
      if (closedBecause !== undefined) return Promise.reject(stopped(closedBecause));
      if (options.signal?.aborted) return Promise.reject(cancelled());
      const callId = ++lastCallId;
      const { promise, resolve, reject } = Promise.withResolvers<ResultOf<Name>>();
      const onAbort = (): void => {
        pending.delete(callId);
        port.post({ kind: 'cancel', callId });
        reject(cancelled());
      };
      options.signal?.addEventListener('abort', onAbort, { once: true });
      pending.set(callId, { onEvent: options.onEvent ?? (() => {}), resolve, reject });
      port.post({ kind: 'call', callId, name, params });
      return promise.finally(() => options.signal?.removeEventListener('abort', onAbort));
    },
  };
}

function stopped(reason: string): RuntimeError<'runtime-stopped'> {
  return new RuntimeError({ code: 'runtime-stopped', message: `the runtime stopped: ${reason}`, details: { reason } });
}
