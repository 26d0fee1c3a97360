/**
 * How the person wants Recto to look. Kept by the host; shown by setting `data-theme` on the page's root element.
 */
import { type StoreApi, createStore } from 'zustand/vanilla';
import type { Settings, Theme } from '../../../electron/ipc-contract.ts';

/** The settings as they stand. */
export interface AppSettings {
  readonly state: StoreApi<Settings>;
  /** Reads what the host remembers. */
  load(): Promise<void>;
  chooseTheme(theme: Theme): void;
}

/** The part of the host that keeps settings. */
export interface SettingsKeeper {
  readSettings(): Promise<Settings>;
  writeSettings(change: Partial<Settings>): Promise<Settings>;
}

/** Settings kept there. */
export function createSettings(keeper: SettingsKeeper): AppSettings {
  const state = createStore<Settings>(() => ({ theme: 'system' }));
  return {
    state,
    async load() {
      state.setState(await keeper.readSettings());
    },
    chooseTheme(theme) {
      state.setState({ theme });
      void keeper.writeSettings({ theme });
    },
  };
}
