/** A client that outlives its connections, over real message channels. */
import type { ClientMessage, MessagePortLike, RuntimeMessage } from 'model-runtime/contract';
import { expect, it } from 'vitest';
import { reconnectingClient } from './reconnecting-client.ts';

/** A connection whose far end answers every call with its own name, or not at all. */
function connection(name: string, answers = true): { port: MessagePortLike<ClientMessage, RuntimeMessage>; close: () => void } {
  let tell: (message: RuntimeMessage) => void = () => {};
  let close: (reason: string) => void = () => {};
  return {
    port: {
      post: ({ callId }) => queueMicrotask(() => answers && tell({ kind: 'result', callId, result: { models: name } })),
      listen(onMessage, onClose) {
        tell = onMessage;
        close = onClose;
      },
    },
    close: () => close('gone'),
  };
}

it('lets calls made before the first connection wait for it', async () => {
  const { client, connect } = reconnectingClient();
  const early = client.call('models.list', {});
  connect(connection('first').port);
  expect(await early).toEqual({ models: 'first' });
});

it('fails calls under way and those between two connections, then goes on over the next', async () => {
  const { client, connect } = reconnectingClient();
  const silent = connection('silent', false);
  connect(silent.port);
  const underWay = client.call('models.list', {}).catch((error: unknown) => error);
  await Promise.resolve();
  silent.close();
  expect(await underWay).toMatchObject({ code: 'runtime-stopped' });
  await expect(client.call('models.list', {})).rejects.toMatchObject({ code: 'runtime-stopped' });
  connect(connection('second').port);
  expect(await client.call('models.list', {})).toEqual({ models: 'second' });
});
