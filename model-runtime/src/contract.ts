/**
 * What may cross a process: the calls a client can make of the runtime, the events a call reports while it runs,
 * and the failures it can end in. Spoken over every transport: child-process IPC, WebSocket, in-process.
 *
 * Imports nothing of ours. Everything here is plain data (structured clone and JSON both carry it).
 * The two ends that speak it: client.ts and server/serve-calls.ts.
 */
import { z } from 'zod';

// ── Failures ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** What `details` holds for each failure code. A new code is a new line here; clients then fail to compile until they have a sentence for it. */
export interface FailureDetails {
  /** The file cannot be read at all; 'changed': another stands in its place since it was opened. */
  'file-unreadable': { path: string; reason: 'missing' | 'forbidden' | 'folder' | 'empty' | 'damaged' | 'changed' | 'timeout' | 'io' };
  /** The file is readable, but no kind of document that Recto reads; `found` says what it looks like. */
  'file-unsupported': { path: string; found: string };
  /** The file wants a password: none was given, or the one given is wrong. */
  'file-encrypted': { path: string; password: 'missing' | 'wrong' };
  /** No page of the document holds text that can be read. `because` names the reason page by page, in words. */
  'document-empty': { path: string; pageCount: number; because: { pageNumber: number; because: string }[] };
  /** The document holds more tokens than the model takes. */
  'document-too-long': { path: string; tokens: number; limitTokens: number };
  /** No document of that id is open (it was closed, or the runtime was started anew). */
  'document-missing': { documentId: string };
  /** No model of that name, or no model folder at that path. */
  'model-missing': { model: string };
  /** A file of a model or checkpoint folder is missing, altered, or does not hold what it should. */
  'model-corrupt': { folder: string; file: string; problem: string };
  /** A checkpoint or model uses something that Recto does not know: the field and its value. */
  'model-unsupported': { folder: string; field: string; value: string };
  /** A model of that name exists already, or cannot be removed because it came with Recto. */
  'model-protected': { model: string; problem: 'exists' | 'built-in' };
  /** There is not enough memory for the work. */
  'out-of-memory': { operation: string };
  /** There is no room left on the disk, or the place may not be written. */
  'disk-full': { path: string; problem: 'full' | 'forbidden' };
  /** The person (or the program) that asked stopped it. */
  cancelled: Record<string, never>;
  /** The runtime process ended while the call was under way, or cannot be started. */
  'runtime-stopped': { reason: string };
  /** The call itself is malformed: unknown name, wrong parameters. */
  'request-invalid': { problem: string };
  /** A bug in Recto: nothing the user did. */
  internal: { problem: string };
}

/** Every way in which a call can fail. */
export type FailureCode = keyof FailureDetails;

/** A failure as plain data: what travels instead of an Error. `message` says operation, expected, got and where, in English. */
export type RuntimeFailure = { [Code in FailureCode]: { code: Code; message: string; details: FailureDetails[Code] } }[FailureCode];

// ── Values ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** The numeric form in which the weights of a model folder are stored. */
export type Precision = 'fp32' | 'int8' | 'int4';

/** How a page got into the encoder: by its text layer, by recognition, by the vision tower; or not at all. */
export type ReadAs = 'text' | 'recognised' | 'seen' | 'none';

/**
 * How much of a document the encoder sees at once. 'exact': all of it, as far as the model's context goes. 'book': window
 * by window, joined when it is asked; no limit, and time grows with the length only.
 */
export type ReadingMode = 'exact' | 'book';

/** A rectangle on a page: PDF points (1/72 inch), origin at the top left of the page as it is shown, y downwards. */
export interface PageBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * What a document is to the decoder. 'cached': its keys and values in every layer, the fastest for each token. 'absorbed': the
 * encoder's states alone, some twenty times less memory and at hand at once, slower for each token. The answers are the same.
 */
export type DocumentForm = 'cached' | 'absorbed';

/** A model that can be asked. */
export interface ModelSummary {
  name: string;
  folder: string;
  precision: Precision;
  /** Weights, counted once (the tied table too). */
  parameters: number;
  sizeBytes: number;
  /** Tokens of document that the model takes. */
  contextTokens: number;
  /** Whether it came with Recto; such a model cannot be removed. */
  isBuiltIn: boolean;
  /** Whether its maker has measured when it is to be doubted: then answers may be marked as unsure. */
  tellsDoubt: boolean;
}

/** A folder among the models that cannot be used: which, and why in words. It can still be verified (which says more) and removed. */
export interface UnusableModel {
  name: string;
  folder: string;
  problem: string;
}

/** A document that stands read and encoded. */
export interface DocumentSummary {
  documentId: string;
  path: string;
  /** The file's name, for people. */
  name: string;
  title: string | null;
  pageCount: number;
  tokens: number;
  /** Whether its encoder states were found on disk rather than computed. */
  cached: boolean;
  /** Page numbers by the way they were read. */
  read: { text: number[]; recognised: number[]; seen: number[] };
  /** Pages that did not go in, each with the reason in words. */
  unread: { pageNumber: number; because: string }[];
  /** The model that read it. */
  model: string;
  mode: ReadingMode;
  /** Why the states could not be kept on disk (it is full, say); null where they were. The document can be asked all the same. */
  storeFailure: RuntimeFailure | null;
  elapsedMs: number;
}

/** A document whose states lie on disk: it answers at once, or goes on being read where it was interrupted. */
export interface KeptDocument {
  /** Names what is kept, for `library.remove`. */
  keptId: string;
  /** Where the file lay when it was read, and the file's name for people. */
  path: string;
  name: string;
  pageCount: number;
  tokens: number;
  model: string;
  sizeBytes: number;
  /** When it was read or asked last: milliseconds since 1970. */
  usedMs: number;
  /** Whether it was read to its end. */
  isComplete: boolean;
  /** Whether there is still a file at its path. */
  isThere: boolean;
}

/** What one page put into the encoder. */
export interface DocumentPage {
  pageNumber: number;
  widthPt: number;
  heightPt: number;
  read: ReadAs;
  /** Why nothing could be read, where `read` is 'none'. */
  because: string | null;
  tokens: number;
  blocks: { kind: string; text: string; box: PageBox }[];
}

/** A place in a document that bears an answer out. `support` says how it was found: 'verbatim' is the answer's own words standing there. */
export interface Citation {
  documentId: string;
  pageNumber: number;
  quote: string;
  boxes: PageBox[];
  support: 'verbatim';
}

/** One finished answer. */
export interface Answer {
  question: string;
  text: string;
  /** 'end': the model said it was done; 'max-tokens': it was cut off there. */
  finish: 'end' | 'max-tokens';
  citations: Citation[];
  /** How likely the model holds this answer to be, from 0 to 1; null for a model whose maker has not measured what that is worth. */
  probability: number | null;
  /** Whether that is so little that the model is more often wrong than right. */
  isUnsure: boolean;
  /** Whether the model says that the documents do not answer; false for a model that has not learnt to. */
  isAbsent: boolean;
  /** What the documents were to the decoder. */
  documentForm: DocumentForm;
  /** The pages the model had before it, by document: every page that was read. */
  pages: { documentId: string; pageNumbers: number[] }[];
  timings: {
    firstTokenMs: number;
    totalMs: number;
    tokens: number;
    tokensPerSecond: number;
    /** Tokens that were guessed from the document, and how many of the guesses were right: each of those cost no step of its own. */
    drafted: number;
    accepted: number;
  };
}

/** The file is open: from here on `documents.page` and `documents.pageImage` answer for it, before anything is encoded. */
export interface DocumentOpened {
  kind: 'opened';
  documentId: string;
  title: string | null;
  pageCount: number;
}

/** How far a document has got. Sent some ten times a second at most, and at every page. */
export interface ReadingProgress {
  kind: 'progress';
  pagesRead: number;
  pageCount: number;
  /** Tokens of all pages parsed so far. */
  tokens: number;
  /** Share of the whole work done, 0 to 1, never falling. */
  fraction: number;
  /** Tokens through the whole encoder each second, so far. */
  tokensPerSecond: number;
  /** Null while too little is known to say. */
  secondsLeft: number | null;
}

/** A page has been parsed. */
export interface PageRead {
  kind: 'page';
  pageNumber: number;
  read: ReadAs;
  because: string | null;
  tokens: number;
}

/** Where the reading stands cannot be kept: it goes on, but would begin anew if it were interrupted. Sent once a reading at most. */
export interface ReadingNotKept {
  kind: 'not-kept';
  failure: RuntimeFailure;
}

// ── Calls ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What each call takes. */
export interface Params {
  /** What is running, and on what. */
  'runtime.info': Record<string, never>;
  'models.list': Record<string, never>;
  /** Makes a model folder from a checkpoint folder. Default precision: int8; default name: the folder's. */
  'models.import': { folder: string; name?: string | undefined; precision?: Precision | undefined };
  /** Checks every file of a model (name or folder) against its recorded size and sha256. */
  'models.verify': { model: string };
  'models.remove': { model: string };
  /**
   * Reads and encodes a document (or finds its stored states). Opening the same bytes again gives the same id.
   * `name`: what to show where the path is not the user's own (an upload). `model`: name or folder; the default one where absent.
   * `mode`: where absent, 'exact' for what the model takes at once, and 'book' for what is longer.
   */
  'documents.open': {
    path: string;
    name?: string | undefined;
    password?: string | undefined;
    model?: string | undefined;
    mode?: ReadingMode | undefined;
  };
  'documents.page': { documentId: string; pageNumber: number };
  /** A picture of the page as a PNG data URL; null for documents that have no look of their own (plain text). */
  'documents.pageImage': { documentId: string; pageNumber: number; widthPx: number };
  'documents.close': { documentId: string };
  /** What is kept of documents that were read, the last one first. */
  'library.list': Record<string, never>;
  /** Forgets what is kept of documents; their files stay as they are. Unknown ids are passed over. */
  'library.remove': { keptIds: string[] };
  /**
   * Questions about one or more open documents, answered side by side. Default `maxTokens` of an answer: 256. `documentForm`:
   * where absent, what the memory at hand allows.
   */
  ask: { documentIds: string[]; questions: string[]; maxTokens?: number | undefined; documentForm?: DocumentForm | undefined };
}

/** The name of a call. */
export type CallName = keyof Params;
/** What a call takes. */
export type ParamsOf<Name extends CallName> = Params[Name];

const pageNumber = z.int().min(1);
const identifier = z.string().min(1).max(200);
const filePath = z.string().min(1).max(4096);

/** The parameters of every call, as a receiver validates them before anything else happens. */
export const paramsSchemas: { readonly [Name in CallName]: z.ZodType<Params[Name]> } = {
  'runtime.info': z.strictObject({}),
  'models.list': z.strictObject({}),
  'models.import': z.strictObject({
    folder: filePath,
    name: identifier.optional(),
    precision: z.enum(['fp32', 'int8', 'int4']).optional(),
  }),
  'models.verify': z.strictObject({ model: filePath }),
  'models.remove': z.strictObject({ model: identifier }),
  'documents.open': z.strictObject({
    path: filePath,
    name: z.string().min(1).max(1024).optional(),
    password: z.string().max(1024).optional(),
    model: filePath.optional(),
    mode: z.enum(['exact', 'book']).optional(),
  }),
  'documents.page': z.strictObject({ documentId: identifier, pageNumber }),
  'documents.pageImage': z.strictObject({ documentId: identifier, pageNumber, widthPx: z.int().min(16).max(4096) }),
  'documents.close': z.strictObject({ documentId: identifier }),
  'library.list': z.strictObject({}),
  'library.remove': z.strictObject({ keptIds: z.array(z.string().regex(/^[0-9a-f]{32}$/u)).max(10_000) }),
  ask: z.strictObject({
    documentIds: z.array(identifier).min(1).max(64),
    questions: z.array(z.string().min(1).max(8192)).min(1).max(64),
    maxTokens: z.int().min(1).max(4096).optional(),
    documentForm: z.enum(['cached', 'absorbed']).optional(),
  }),
};

/** What each call returns. */
export interface Results {
  'runtime.info': { version: string; node: string; dataFolder: string; threads: number; memoryBytes: number; defaultModel: string | null };
  'models.list': { models: ModelSummary[]; unusable: UnusableModel[] };
  'models.import': { model: ModelSummary; elapsedMs: number };
  'models.verify': { model: ModelSummary; files: number };
  'models.remove': { freedBytes: number };
  'documents.open': DocumentSummary;
  'documents.page': DocumentPage;
  'documents.pageImage': { dataUrl: string | null };
  'documents.close': Record<string, never>;
  'library.list': { documents: KeptDocument[]; sizeBytes: number; limitBytes: number };
  'library.remove': { freedBytes: number };
  ask: { answers: Answer[] };
}

/** What each call reports on its way; calls that are not named report nothing. */
export interface Events {
  'models.import': { kind: 'progress'; step: string; fraction: number; secondsLeft: number | null };
  'models.verify': { kind: 'progress'; step: string; fraction: number; secondsLeft: number | null };
  'documents.open': DocumentOpened | ReadingProgress | PageRead | ReadingNotKept;
  /** `text` is what to append to the answer so far, `question` the place of its question, from 0. */
  ask:
    | { kind: 'text'; question: number; text: string }
    | { kind: 'answered'; question: number; answer: Answer }
    | { kind: 'preparing'; fraction: number };
}

/** What the call returns. */
export type ResultOf<Name extends CallName> = Results[Name];
/** What the call reports on its way. */
export type EventOf<Name extends CallName> = Name extends keyof Events ? Events[Name] : never;

/** The runtime as its callers see it, whatever lies between. A call rejects with a `RuntimeError` (errors.ts) and nothing else. */
export interface RuntimeClient {
  call<Name extends CallName>(
    name: Name,
    params: ParamsOf<Name>,
    options?: { onEvent?: (event: EventOf<Name>) => void; signal?: AbortSignal },
  ): Promise<ResultOf<Name>>;
}

// ── Messages ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** From client to runtime. `callId` is the client's, unique on its connection. */
export type ClientMessage = { kind: 'call'; callId: number; name: string; params?: unknown } | { kind: 'cancel'; callId: number };

/** Validates a client's message; its parameters are validated by {@link paramsSchemas} next. */
export const clientMessageSchema: z.ZodType<ClientMessage> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('call'), callId: z.int(), name: z.string(), params: z.unknown() }),
  z.strictObject({ kind: z.literal('cancel'), callId: z.int() }),
]);

/** From runtime to client. A call has any number of events and then one result or one failure. Events are batched (~30 ms). */
export type RuntimeMessage =
  | { kind: 'events'; callId: number; events: unknown[] }
  | { kind: 'result'; callId: number; result: unknown }
  | { kind: 'failure'; callId: number; failure: RuntimeFailure };

/** One end of a connection. Messages arrive whole and in order. */
export interface MessagePortLike<Out, In> {
  post(message: Out): void;
  /** Called once; `onClose` says in words why nothing more will come. */
  listen(onMessage: (message: In) => void, onClose: (reason: string) => void): void;
}
