/**
 * The runtime: every call of the contract, answered in this process. Transports put it behind a channel or a socket;
 * the command line uses it directly.
 *
 * Work that runs the model is done one piece at a time, in the order it was asked for; everything else is answered
 * between tiles.
 */
import { totalmem } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { DocumentRows } from './answering/decoder.ts';
import { firstForm, fitsCached } from './answering/document-form.ts';
import { DraftSource } from './answering/drafts.ts';
import type { CallName, DocumentForm, EventOf, ParamsOf, ResultOf, RuntimeClient } from './contract.ts';
import { RuntimeError, invariant, throwIfCancelled, toRuntimeError } from './errors.ts';
import { importCheckpoint } from './import/import-checkpoint.ts';
import { StoredStates } from './library/stored-states.ts';
import { LoadedModel } from './loaded-model.ts';
import type { Manifest } from './manifest.ts';
import {
  deleteLeftovers,
  findModel,
  findModelFolder,
  isPlainName,
  listModels,
  modelFoldersIn,
  removeModel,
} from './models/model-folders.ts';
import type { ModelPlaces } from './models/model-folders.ts';
import { verifyModel } from './models/verify-model.ts';
import type { EncodedPiece } from './reading/read-document.ts';
import { sessionThreads } from './session/graph-session.ts';
import { ask } from './tasks/ask.ts';
import { documentPage, openFile, pagePicture, pagesOf, readFile } from './tasks/open-document.ts';
import type { OpenedDocument } from './tasks/open-document.ts';
import { engineVersion } from './version.ts';
import { WorkQueue } from './work-queue.ts';

/** A runtime in this process. */
export interface Runtime extends RuntimeClient {
  /** Frees models and documents. Calls made afterwards fail. */
  close(): Promise<void>;
}

/** Where a runtime keeps things. */
export interface RuntimeOptions {
  /** The user's data folder: models, stored states. */
  dataFolder: string;
  /** The folder that holds the model folders which came with Recto. */
  builtInModelsFolder?: string;
  /** What stored states may take on disk. */
  statesLimitBytes?: number;
  /** How much of a long reading may be lost when the process is killed. */
  keepEveryMs?: number;
  /** Multiply-adds that a first question may wait for before it is answered from the encoder's states alone. */
  mostPreparing?: number;
}

/** Some hundred thousand pages of the 270M shape; a reading is kept after so long, and seldomer where keeping is slow; a second or so. */
const defaults = { statesLimitBytes: 20e9, keepEveryMs: 10_000, mostPreparing: 1e11 };

/** Of the time an import takes, measured with the 270M shape; the rest is preparing what was imported. */
const importShare = 0.7;

/** How a call was made. */
interface Asked<Name extends CallName> {
  onEvent: (event: EventOf<Name>) => void;
  signal: AbortSignal | undefined;
}

type Handlers = { [Name in CallName]: (params: ParamsOf<Name>, asked: Asked<Name>) => Promise<ResultOf<Name>> };

/** Makes a runtime. Nothing is loaded before it is asked for. */
export function createRuntime(options: RuntimeOptions): Runtime {
  const engine = new Engine(options);
  return {
    async call(name, params, { onEvent, signal } = {}) {
      try {
        throwIfCancelled(signal);
        return await engine.handlers[name](params, { onEvent: onEvent ?? (() => {}), signal });
      } catch (error) {
        throw toRuntimeError(error);
      }
    },
    close: () => engine.close(),
  };
}

class Engine {
  readonly #options: RuntimeOptions & typeof defaults;
  readonly #queue = new WorkQueue();
  readonly #states: StoredStates;
  readonly #documents = new Map<string, OpenedDocument>();
  #model: LoadedModel | undefined;
  /** The documents asked last, made ready for the decoder: the next question about them needs them again. */
  #asked: { key: string; document: DocumentRows; drafts: DraftSource } | undefined;
  /** Work that nobody waits for; whatever is asked for comes first. */
  #inBackground = new AbortController();

  constructor(options: RuntimeOptions) {
    this.#options = { ...defaults, ...options };
    const { dataFolder, statesLimitBytes } = this.#options;
    this.#states = new StoredStates(join(dataFolder, 'library', 'states'), { limitBytes: statesLimitBytes });
  }

  readonly handlers: Handlers = {
    'runtime.info': async () => ({
      version: engineVersion,
      node: process.version,
      dataFolder: this.#options.dataFolder,
      threads: sessionThreads,
      memoryBytes: totalmem(),
      defaultModel: await this.#defaultModel(),
    }),
    'models.list': async () => listModels(await this.#places()),
    'models.import': (params, asked) => this.#run(() => this.#importModel(params, asked), asked.signal),
    'models.verify': async ({ model }, { onEvent, signal }) => {
      const places = await this.#places();
      const { files } = await verifyModel(await findModelFolder(model, places), onEvent, signal);
      return { model: (await findModel(model, places)).summary, files };
    },
    'models.remove': ({ model }, { signal }) => this.#run(() => this.#removeModel(model), signal),
    'documents.open': (params, asked) => this.#run(() => this.#openDocument(params, asked), asked.signal),
    'documents.page': ({ documentId, pageNumber }) => Promise.resolve(documentPage(this.#document(documentId), pageNumber)),
    'documents.pageImage': async ({ documentId, pageNumber, widthPx }) => ({
      dataUrl: await pagePicture(this.#document(documentId), pageNumber, widthPx),
    }),
    'documents.close': ({ documentId }, { signal }) => this.#run(() => this.#closeDocument(documentId), signal),
    'library.list': () => this.#states.list(),
    'library.remove': ({ keptIds }, { signal }) => this.#run(() => this.#forget(keptIds), signal),
    ask: (params, asked) => this.#run(() => this.#ask(params, asked), asked.signal),
  };

  async close(): Promise<void> {
    await this.#run(async () => {
      for (const documentId of this.#documents.keys()) await this.#closeDocument(documentId);
      await this.#model?.close();
      this.#model = undefined;
    });
  }

  #run<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    this.#inBackground.abort();
    return this.#queue.run(work, signal);
  }

  /** Does work once nothing else is to be done, and leaves it as soon as something is. What becomes of it is nobody's concern. */
  #whenIdle(work: (signal: AbortSignal) => Promise<void>): void {
    this.#inBackground = new AbortController();
    const { signal } = this.#inBackground;
    void this.#queue.run(() => work(signal), signal).catch(() => undefined);
  }

  async #places(): Promise<ModelPlaces> {
    const { dataFolder, builtInModelsFolder } = this.#options;
    return {
      modelsFolder: join(dataFolder, 'models'),
      builtIn: builtInModelsFolder === undefined ? [] : await modelFoldersIn(builtInModelsFolder),
    };
  }

  /** The built-in model if there is one, else the user's first. */
  async #defaultModel(): Promise<string | null> {
    const { models } = await listModels(await this.#places());
    return (models.find((model) => model.isBuiltIn) ?? models[0])?.folder ?? null;
  }

  async #importModel(params: ParamsOf<'models.import'>, asked: Asked<'models.import'>): Promise<ResultOf<'models.import'>> {
    const startedMs = performance.now();
    const places = await this.#places();
    const name = params.name ?? basename(resolve(params.folder));
    if (!isPlainName(name)) {
      const problem = `'${name}' cannot be a model's name: letters, digits, spaces and _ . + - ( ) are allowed`;
      throw new RuntimeError({ code: 'request-invalid', message: `import: ${problem}`, details: { problem } });
    }
    await deleteLeftovers(places);
    const report = (step: string, fraction: number): void => {
      const elapsedSeconds = (performance.now() - startedMs) / 1000;
      const secondsLeft = elapsedSeconds < 0.5 ? null : (elapsedSeconds / fraction) * (1 - fraction);
      asked.onEvent({ kind: 'progress', step, fraction, secondsLeft });
    };
    const outFolder = join(places.modelsFolder, name);
    await importCheckpoint({
      folder: params.folder,
      outFolder,
      name,
      precision: params.precision ?? 'int8',
      signal: asked.signal,
      onProgress: ({ step, fraction }) => report(step, fraction * importShare),
    });
    // The model is whole by now: a cancel ends only what makes its first use faster.
    const model = await LoadedModel.open(outFolder);
    await model
      .prepare((fraction) => report('preparing it for this machine', importShare + fraction * (1 - importShare)), asked.signal)
      .catch(() => undefined);
    await model.close();
    return { model: (await findModel(name, places)).summary, elapsedMs: performance.now() - startedMs };
  }

  async #removeModel(name: string): Promise<ResultOf<'models.remove'>> {
    const places = await this.#places();
    const folder = await findModelFolder(name, places);
    if (this.#model !== undefined && resolve(this.#model.folder) === resolve(folder)) await this.#unloadModel();
    return removeModel(name, places);
  }

  async #openDocument(params: ParamsOf<'documents.open'>, asked: Asked<'documents.open'>): Promise<ResultOf<'documents.open'>> {
    const model = await this.#loadModel(params.model);
    const document = await openFile(params, model);
    const { documentId, file } = document;
    const known = this.#documents.get(documentId);
    if (known?.read !== undefined) {
      await file.close();
      return { ...known.read.summary, path: params.path, cached: true };
    }
    this.#documents.set(documentId, document);
    try {
      return await readFile(document, params, { states: this.#states, keepEveryMs: this.#options.keepEveryMs, ...asked });
    } catch (error) {
      await this.#closeDocument(documentId);
      throw error;
    }
  }

  async #loadModel(wanted: string | undefined): Promise<LoadedModel> {
    const name = wanted ?? (await this.#defaultModel());
    if (name === null) {
      const message = 'there is no model: import one with `recto models import <checkpoint folder>`';
      throw new RuntimeError({ code: 'model-missing', message, details: { model: 'default' } });
    }
    const { summary } = await findModel(name, await this.#places());
    if (this.#model !== undefined && resolve(this.#model.folder) === resolve(summary.folder)) return this.#model;
    await this.#unloadModel();
    this.#model = await LoadedModel.open(summary.folder);
    return this.#model;
  }

  /** One model is loaded at a time; documents that another has read are closed with it. */
  async #unloadModel(): Promise<void> {
    for (const [documentId, { model }] of this.#documents) {
      if (model === this.#model) await this.#closeDocument(documentId);
    }
    await this.#model?.close();
    this.#model = undefined;
  }

  async #closeDocument(documentId: string): Promise<Record<string, never>> {
    const opened = this.#document(documentId);
    this.#documents.delete(documentId);
    if (this.#asked?.key.includes(documentId)) this.#asked = undefined;
    await opened.file.close();
    return {};
  }

  #document(documentId: string): OpenedDocument {
    const opened = this.#documents.get(documentId);
    if (opened !== undefined) return opened;
    throw new RuntimeError({
      code: 'document-missing',
      message: `no open document has the id ${documentId}`,
      details: { documentId },
    });
  }

  async #forget(keptIds: readonly string[]): Promise<ResultOf<'library.remove'>> {
    let freedBytes = 0;
    for (const keptId of keptIds) freedBytes += await this.#states.remove(keptId);
    return { freedBytes };
  }

  async #ask(params: ParamsOf<'ask'>, { onEvent, signal }: Asked<'ask'>): Promise<ResultOf<'ask'>> {
    const documents = params.documentIds.map((documentId) => this.#document(documentId));
    const model = documents[0]?.model;
    if (model === undefined || documents.some((document) => document.model !== model)) {
      const problem = 'the documents were read by different models: open them with the same one';
      throw new RuntimeError({ code: 'request-invalid', message: `ask: ${problem}`, details: { problem } });
    }
    const { decoder, manifest, tokenizer } = model;
    const pieces = documents.flatMap((document) => piecesOf(document));
    const rows = pieces.reduce((sum, { ids }) => sum + ids.length, 0);
    const key = params.documentIds.join(' ');
    const form = params.documentForm ?? this.#formAtHand(key) ?? this.#firstForm(manifest, rows);
    if (this.#formAtHand(key) !== form) {
      this.#asked = undefined; // its memory is needed for what comes now
      const onProgress = (fraction: number): void => onEvent({ kind: 'preparing', fraction });
      const document = await decoder.documentRows(pieces, { form, onProgress, signal });
      this.#asked = { key, document, drafts: new DraftSource(pieces.flatMap(({ ids }) => ids)) };
    }
    const asked = this.#asked;
    invariant(asked !== undefined, 'the documents are ready');
    const answers = await ask(
      { manifest, tokenizer, decoder },
      {
        questions: params.questions,
        maxTokens: params.maxTokens ?? 256,
        document: asked.document,
        drafts: asked.drafts,
        sources: documents.map((document) => ({ documentId: document.documentId, pages: pagesOf(document) })),
        onText: (question, text) => onEvent({ kind: 'text', question, text }),
        onAnswer: (question, answer) => onEvent({ kind: 'answered', question, answer }),
        signal,
      },
    );
    if (form === 'absorbed' && params.documentForm === undefined && fitsCached(manifest.sizes, rows, process.availableMemory())) {
      // The next question finds keys and values, unless it comes sooner.
      this.#whenIdle(async (idle) => {
        const document = await decoder.documentRows(pieces, { form: 'cached', signal: idle });
        if (this.#asked === asked) this.#asked = { ...asked, document };
      });
    }
    return { answers };
  }

  #formAtHand(key: string): DocumentForm | undefined {
    return this.#asked?.key === key ? this.#asked.document.form : undefined;
  }

  #firstForm({ sizes }: Manifest, rows: number): DocumentForm {
    return firstForm(sizes, rows, { availableBytes: process.availableMemory(), mostCost: this.#options.mostPreparing });
  }
}

/** Work is done one piece at a time, so a document that is known to a question has been read. */
function piecesOf({ read }: OpenedDocument): readonly EncodedPiece[] {
  invariant(read !== undefined, 'the document has been read');
  return read.pieces;
}
