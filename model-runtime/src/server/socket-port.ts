/** A connection over a WebSocket: each message of the contract is one text frame of JSON. Knows frames, not what they mean. */
import type { WebSocket } from 'ws';
import type { MessagePortLike, RuntimeMessage } from '../contract.ts';

/** The server's end. A frame that is no JSON text closes the socket: nothing that follows could be trusted. */
export function connectToSocket(socket: WebSocket): MessagePortLike<RuntimeMessage, unknown> {
  return {
    post(message) {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
    },
    listen(onMessage, onClose) {
      socket.on('message', (data: Buffer, isBinary) => {
        const message = isBinary ? undefined : parseJson(data.toString());
        if (message === undefined) socket.close(1007, 'expected text frames of JSON');
        else onMessage(message);
      });
      socket.on('error', () => {}); // 'close' follows and is all that matters
      socket.once('close', () => onClose('the page closed its connection'));
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
