/**
 * The page's host in the desktop app: everything goes through `window.desktop`, which the shell's preload offers.
 *
 * Documents are opened where they lie; nothing is copied. The shell restarts a runtime that ends and says so.
 */
import type { DesktopApi } from '../electron/ipc-contract.ts';
import type { ClientMessage, MessagePortLike, RuntimeMessage } from 'model-runtime/contract';
import type { AcceptedFile, Host, Loss, PickedDocument } from './host.ts';
import { listeners } from './listeners.ts';
import { reconnectingClient } from './reconnecting-client.ts';

/** The host behind `window.desktop`. */
export function desktopHost(desktop: DesktopApi): Host {
  const { client, connect } = reconnectingClient();
  const closed = listeners<Loss>();
  const back = listeners<void>();
  let wasClosed = false;

  desktop.onRuntimeClosed((reason) => {
    wasClosed = true;
    closed.tell({ lost: 'engine', reason });
  });
  desktop.onRuntimeReady(() => {
    connect(portTo(desktop));
    if (wasClosed) back.tell();
    wasClosed = false;
  });

  return {
    kind: 'desktop',
    client,
    onRuntimeClosed: closed.add,
    onRuntimeBack: back.add,
    chooseDocuments: async () => (await desktop.chooseDocuments()).map(documentAt),
    acceptFiles: async (files) => files.map((file) => acceptFile(desktop, file)),
    acceptSample: async ({ name }) => ({ path: await desktop.samplePath(name), name }),
    onOpenDocuments: (listener) => desktop.onOpenDocuments((paths) => listener(paths.map(documentAt))),
    readSettings: () => desktop.readSettings(),
    writeSettings: (change) => desktop.writeSettings(change),
  };
}

function portTo(desktop: DesktopApi): MessagePortLike<ClientMessage, RuntimeMessage> {
  return {
    post: (message) => desktop.postToRuntime(message),
    listen(onMessage, onClose) {
      const stopMessages = desktop.onRuntimeMessage(onMessage);
      let isOpen = true;
      const stopClosed = desktop.onRuntimeClosed((reason) => {
        if (!isOpen) return;
        isOpen = false;
        stopMessages();
        queueMicrotask(() => stopClosed()); // not yet known where the listener is told at once
        onClose(reason);
      });
    },
  };
}

function documentAt(path: string): PickedDocument {
  return { path, name: path.split(/[\\/]/).findLast((part) => part !== '') ?? path };
}

function acceptFile(desktop: DesktopApi, file: File): AcceptedFile {
  const path = desktop.pathOfFile(file);
  if (path !== '') return { path, name: file.name };
  const message = `open ${file.name}: it was not dropped from a folder of this machine, so it has no path`;
  return { name: file.name, failure: { code: 'file-unreadable', message, details: { path: file.name, reason: 'missing' } } };
}
