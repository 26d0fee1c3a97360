/**
 * What the runtime keeps of documents that were read before, and forgetting it. Asked for when it is to be shown.
 */
import type { KeptDocument, RuntimeClient } from 'model-runtime/contract';
import { isRuntimeError } from 'model-runtime/errors';
import { type StoreApi, createStore } from 'zustand/vanilla';

/** The kept documents, the last used first; null before they are known. */
export interface KeptState {
  documents: readonly KeptDocument[] | null;
  sizeBytes: number;
}

/** What is kept and what can be done with it. */
export interface KeptDocuments {
  readonly state: StoreApi<KeptState>;
  /** Asks the runtime. Where that fails, nothing is shown: there is a banner for a lost runtime. */
  load(): Promise<void>;
  /** Forgets what is kept of these documents; their files stay. */
  forget(keptIds: readonly string[]): Promise<void>;
}

/** Nothing known so far. */
export function createKeptDocuments(client: RuntimeClient): KeptDocuments {
  const state = createStore<KeptState>(() => ({ documents: null, sizeBytes: 0 }));

  async function load(): Promise<void> {
    try {
      const { documents, sizeBytes } = await client.call('library.list', {});
      state.setState({ documents, sizeBytes });
    } catch (error) {
      if (!isRuntimeError(error)) throw error;
      state.setState({ documents: null, sizeBytes: 0 });
    }
  }

  return {
    state,
    load,
    async forget(keptIds) {
      const documents = state.getState().documents ?? [];
      state.setState({ documents: documents.filter((document) => !keptIds.includes(document.keptId)) });
      try {
        await client.call('library.remove', { keptIds: [...keptIds] });
      } catch (error) {
        if (!isRuntimeError(error)) throw error; // the list below shows what is still there
      }
      await load();
    },
  };
}
