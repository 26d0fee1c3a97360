/**
 * Whether Recto's engine, the runtime, is there: what the banner says, and what happens when it comes back.
 */
import { type StoreApi, createStore } from 'zustand/vanilla';

/** 'running': nothing to say. 'stopped': it is being brought back. 'back': it has been, and the person may like to know. */
export type EngineState = { kind: 'running' } | { kind: 'stopped'; lost: Lost; reason: string } | { kind: 'back'; lost: Lost };

/** What was lost: the engine itself, or the connection to the server it runs under. */
export type Lost = 'engine' | 'connection';

/** The engine as the page sees it. */
export interface Engine {
  readonly state: StoreApi<EngineState>;
  /** Takes the news of its return off the screen. */
  dismiss(): void;
}

/** The part of the host that tells of the engine's life. */
export interface EngineWatch {
  onRuntimeClosed(listener: (loss: { lost: Lost; reason: string }) => void): () => void;
  onRuntimeBack(listener: () => void): () => void;
}

/** Watches the engine; `onBack` is called each time it has come back. */
export function watchEngine(watch: EngineWatch, onBack: () => void): Engine {
  const state = createStore<EngineState>(() => ({ kind: 'running' }));
  let lost: Lost = 'engine';
  watch.onRuntimeClosed((loss) => {
    lost = loss.lost;
    state.setState({ kind: 'stopped', ...loss }, true);
  });
  watch.onRuntimeBack(() => {
    state.setState({ kind: 'back', lost }, true);
    onBack();
  });
  return { state, dismiss: () => state.setState({ kind: 'running' }, true) };
}
