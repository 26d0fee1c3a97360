/**
 * One RuntimeClient over connections that come and go: each new connection takes the place of the last, and calls go
 * to whichever stands. Calls made before the first connection wait for it; calls made between two fail at once.
 *
 * Knows nothing of what a connection is made of (desktop-host.ts, browser-host.ts).
 */
import type {
  CallName,
  ClientMessage,
  EventOf,
  MessagePortLike,
  ParamsOf,
  ResultOf,
  RuntimeClient,
  RuntimeMessage,
} from 'model-runtime/contract';
import { connectClient } from 'model-runtime/client';

/** A client that outlives its connections. */
export interface ReconnectingClient {
  readonly client: RuntimeClient;
  /** Sends calls over this connection from now on. */
  connect(port: MessagePortLike<ClientMessage, RuntimeMessage>): void;
}

/** A client without a connection so far. */
export function reconnectingClient(): ReconnectingClient {
  const first = Promise.withResolvers<RuntimeClient>();
  let current: RuntimeClient | undefined;

  return {
    client: {
      async call<Name extends CallName>(
        name: Name,
        params: ParamsOf<Name>,
        options?: { onEvent?: (event: EventOf<Name>) => void; signal?: AbortSignal },
      ): Promise<ResultOf<Name>> {
        return (current ?? (await first.promise)).call(name, params, options);
      },
    },
    connect(port) {
      current = connectClient(port);
      first.resolve(current);
    },
  };
}
