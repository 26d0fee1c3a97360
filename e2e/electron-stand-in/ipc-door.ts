/**
 * ipcMain, and the way of messages between it and the page.
 *
 * Not modelled: synchronous messages, ports, frames below the top one.
 */
import { modelled } from './modelled.ts';
import type { PageMessage } from './page-script.ts';

/** What listeners are told of the sender. */
export interface SenderEvent {
  sender: object;
  senderFrame: { url: string; parent: null };
}

type RequestHandler = (event: SenderEvent, payload: unknown) => unknown;
type MessageListener = (event: SenderEvent, payload: unknown) => void;

const requestHandlers = new Map<string, RequestHandler>();
const messageListeners = new Map<string, MessageListener>();

/** Electron's ipcMain. */
export const ipcMain: object = modelled('ipcMain', {
  handle(channel: string, handler: RequestHandler) {
    if (requestHandlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    requestHandlers.set(channel, handler);
  },
  on(channel: string, listener: MessageListener) {
    if (messageListeners.has(channel)) throw new Error(`electron stand-in: a second listener for '${channel}'`);
    messageListeners.set(channel, listener);
  },
});

/** Delivers what the page posted; the outcome of a request goes to `settle`. */
export async function deliver(
  message: PageMessage,
  event: SenderEvent,
  settle: (outcome: { result?: unknown; error?: string }) => void,
): Promise<void> {
  if (message.kind === 'send') {
    messageListeners.get(message.channel)?.(event, message.payload);
    return;
  }
  try {
    const handler = requestHandlers.get(message.channel);
    if (handler === undefined) throw new Error(`No handler registered for '${message.channel}'`);
    settle({ result: await handler(event, message.payload) });
  } catch (error) {
    settle({ error: `Error invoking remote method '${message.channel}': ${String(error)}` }); // Electron's own wording
  }
}
