/** The stores of the page and how they hang together: one place makes them all, the features know only their own. */
import { type Conversation, createConversation } from './features/ask/ask-store.ts';
import { type Engine, watchEngine } from './features/engine/engine-store.ts';
import { type KeptDocuments, createKeptDocuments } from './features/library/kept-store.ts';
import { type Library, createLibrary } from './features/library/library-store.ts';
import { type ModelFacts, createModelFacts } from './features/model/model-store.ts';
import { type Pages, createPages } from './features/reader/page-store.ts';
import { type AppSettings, createSettings } from './features/settings/settings-store.ts';
import type { Host } from './host.ts';

/** Every store of the page. */
export interface Stores {
  library: Library;
  kept: KeptDocuments;
  conversation: Conversation;
  pages: Pages;
  engine: Engine;
  settings: AppSettings;
  facts: ModelFacts;
}

/** Makes the stores over this host and lets them begin. */
export function createStores(host: Host): Stores {
  const library = createLibrary(host.client);
  const settings = createSettings(host);
  const facts = createModelFacts(host.client);
  host.onOpenDocuments(library.add);
  void settings.load();
  void facts.load();
  return {
    library,
    kept: createKeptDocuments(host.client),
    settings,
    facts,
    pages: createPages(host.client),
    conversation: createConversation({ client: host.client, whenReady: library.whenReady, reopen: (keys) => keys.forEach(library.retry) }),
    engine: watchEngine(host, () => {
      library.reopenAll();
      void facts.load();
    }),
  };
}
