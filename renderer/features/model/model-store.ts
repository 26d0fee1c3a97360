/**
 * What is known of the model that answers and of the machine it runs on. Asked for when someone wants to know.
 */
import type { ModelSummary, ResultOf, RuntimeClient, RuntimeFailure } from 'model-runtime/contract';
import { toFailure } from 'model-runtime/errors';
import { type StoreApi, createStore } from 'zustand/vanilla';

/** What is known so far. `model` is the one that reads documents now; null where there is none. */
export type ModelState =
  | { kind: 'unknown' }
  | { kind: 'known'; info: ResultOf<'runtime.info'>; model: ModelSummary | null; models: readonly ModelSummary[] }
  | { kind: 'failed'; failure: RuntimeFailure };

/** The model and how to learn about it. */
export interface ModelFacts {
  readonly state: StoreApi<ModelState>;
  /** Asks the runtime. Never rejects: a failure becomes the state. */
  load(): Promise<void>;
}

/** Nothing known so far. */
export function createModelFacts(client: RuntimeClient): ModelFacts {
  const state = createStore<ModelState>(() => ({ kind: 'unknown' }));
  return {
    state,
    async load() {
      try {
        const [info, { models }] = await Promise.all([client.call('runtime.info', {}), client.call('models.list', {})]);
        const model = models.find(({ name, folder }) => name === info.defaultModel || folder === info.defaultModel) ?? null;
        state.setState({ kind: 'known', info, model, models }, true);
      } catch (error) {
        state.setState({ kind: 'failed', failure: toFailure(error) }, true);
      }
    },
  };
}
