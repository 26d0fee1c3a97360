/**
 * What the page asks of whatever shows it, and the one place that finds out what that is: the desktop shell
 * (`window.desktop`) or a browser tab of `recto serve`. Everything else in the page sees only {@link Host}.
 *
 * The two hosts themselves: desktop-host.ts and browser-host.ts.
 */
import type { DesktopApi, Settings } from '../electron/ipc-contract.ts';
import type { RuntimeClient, RuntimeFailure } from 'model-runtime/contract';
import { browserHost } from './browser-host.ts';
import { desktopHost } from './desktop-host.ts';

/** A document that the runtime can reach: where it lies and what people call it. */
export interface PickedDocument {
  path: string;
  name: string;
}

/** What became of a file handed to the page: a document the runtime can reach, or why it is none. */
export type AcceptedFile = PickedDocument | { name: string; failure: RuntimeFailure };

/** What was lost and comes back by itself: the runtime, or the connection to the server behind which it runs; in words, why. */
export interface Loss {
  lost: 'engine' | 'connection';
  reason: string;
}

/** All that the page needs from outside itself. Every `on...` returns the function that ends the listening. */
export interface Host {
  readonly kind: 'desktop' | 'browser';
  /** The runtime. Stays the same object when the runtime is started anew; calls under way then fail with 'runtime-stopped'. */
  readonly client: RuntimeClient;
  /** The runtime is gone. The host brings it back by itself. */
  onRuntimeClosed(listener: (loss: Loss) => void): () => void;
  /** The runtime is back after it was gone. */
  onRuntimeBack(listener: () => void): () => void;
  /** Lets the person pick documents; none where they thought better of it. */
  chooseDocuments(): Promise<AcceptedFile[]>;
  /** Takes dropped or pasted files. */
  acceptFiles(files: readonly File[]): Promise<AcceptedFile[]>;
  /** Takes a document that came with Recto: `url` is where the page has it. */
  acceptSample(file: { name: string; url: string }): Promise<AcceptedFile>;
  /** Documents that come from outside the page: a menu, a second start of the app, a double click on a file. */
  onOpenDocuments(listener: (documents: PickedDocument[]) => void): () => void;
  readSettings(): Promise<Settings>;
  writeSettings(change: Partial<Settings>): Promise<Settings>;
}

/** The host that shows this page. */
export function connectHost(): Host {
  const { desktop } = window as Window & { desktop?: DesktopApi };
  return desktop === undefined ? browserHost(window.location) : desktopHost(desktop);
}
