/**
 * What may pass between the page and the shell: the shell's own channels and what `window.desktop` offers.
 *
 * Types only, so that the page may import it. The runtime's messages pass through as they are; what they mean is
 * model-runtime/src/contract.ts. The two doors that speak this: preload.ts (page side) and ipc-main.ts (shell side).
 */
import type { ClientMessage, RuntimeMessage } from 'model-runtime/contract';

/** How the app looks: as the system says, or as the person chose. */
export type Theme = 'system' | 'light' | 'dark';

/** What the shell remembers between runs. */
export interface Settings {
  theme: Theme;
}

/** What the page asks of the shell and waits for. */
export interface PageRequests {
  /** Lets the person pick documents; the paths, none where they thought better of it. */
  'documents:choose': { takes: null; gives: string[] };
  /** Where a sample document lies that came with Recto, by its name. */
  'documents:sample': { takes: string; gives: string };
  'settings:read': { takes: null; gives: Settings };
  /** The settings as they stand after the change. */
  'settings:write': { takes: Partial<Settings>; gives: Settings };
}

/** What the page tells the shell. */
export interface PageNotices {
  /** A page has begun: whatever an earlier page asked for is of no interest any more. Sent by the preload, first of all. */
  'page:begun': null;
  'runtime:post': ClientMessage;
}

/** What the shell tells the page. */
export interface ShellNotices {
  'runtime:message': RuntimeMessage;
  /** The runtime is there: calls posted from now on reach it. */
  'runtime:ready': null;
  /** The runtime has ended; in words, why. Calls under way will have no other answer. */
  'runtime:closed': string;
  /** Documents that the system handed to the app: opened with it, or dropped on its icon. */
  'documents:open': string[];
}

/**
 * What the page sees as `window.desktop`.
 * Every `on...` returns the function that ends the listening. A listener that comes late is told at once what holds.
 */
export interface DesktopApi {
  postToRuntime(message: ClientMessage): void;
  onRuntimeMessage(listener: (message: RuntimeMessage) => void): () => void;
  /** The runtime has ended. It is started anew by itself; `onRuntimeReady` says when. */
  onRuntimeClosed(listener: (reason: string) => void): () => void;
  onRuntimeReady(listener: () => void): () => void;
  chooseDocuments(): Promise<string[]>;
  /** The path of a sample document that came with Recto, by its name. */
  samplePath(name: string): Promise<string>;
  /** Where a dropped file lies on the disk; '' for one that lies on none. */
  pathOfFile(file: File): string;
  onOpenDocuments(listener: (paths: string[]) => void): () => void;
  readSettings(): Promise<Settings>;
  writeSettings(change: Partial<Settings>): Promise<Settings>;
  platform: string;
  version: string;
}
