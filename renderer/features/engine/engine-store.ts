/**
 * Whether Recto's engine, the runtime, is there: what the banner says, and what happens when it comes back.
 */
import { type StoreApi, createStore } from 'zustand/vanilla';

/** 'running': nothing to say. 'stopped': it is being brought back. 'back': it has been, and the person may like to know. */
export type EngineState = { kind: 'running' } | { kind: 'stopped'; reason: string } | { kind: 'back' };

/** The engine as the page sees it. */
export interface Engine {
  readonly state: StoreApi<EngineState>;
  /** Takes the news of its return off the screen. */
  dismiss(): void;
}

/** The part of the host that tells of the engine's life. */
export interface EngineWatch {
  onRuntimeClosed(listener: (reason: string) => void): () => void;
  onRuntimeBack(listener: () => void): () => void;
}

/** Watches the engine; `onBack` is called each time it has come back. */
export function watchEngine(watch: EngineWatch, onBack: () => void): Engine {
  const state = createStore<EngineState>(() => ({ kind: 'running' }));
  watch.onRuntimeClosed((reason) => state.setState({ kind: 'stopped', reason }, true));
  watch.onRuntimeBack(() => {
    state.setState({ kind: 'back' }, true);
    onBack();
  });
  return { state, dismiss: () => state.setState({ kind: 'running' }, true) };
}
