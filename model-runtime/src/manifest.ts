/**
 * manifest.json: what a model folder is. The one link between the half that builds model folders and the half that
 * runs them; written last, so that a folder without one is a folder whose making was broken off.
 *
 * Knows nothing of graphs' insides or of running them.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { DocumentForm, Precision } from './contract.ts';
import { RuntimeError } from './errors.ts';

/** The file's name in a model folder. */
export const manifestFile = 'manifest.json';

/** Counts up whenever folders made before can no longer be run. */
export const formatVersion = 2;

/** The attention of one layer: the window around each row, or everything. */
export type LayerKind = 'sliding_attention' | 'full_attention';

/** Rotary embedding of one kind of layer. Positions are divided by `factor` (linear scaling; 1 for none). */
export interface RopeSizes {
  theta: number;
  factor: number;
}

/** The sizes of the encoder or of the decoder, in the checkpoint's words. */
export interface StackSizes {
  layerTypes: LayerKind[];
  intermediateSize: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  /** Rows: see SPEC E4 (encoder) and D3 (decoder) for which rows a window of this size reaches. */
  slidingWindow: number;
  rmsNormEps: number;
  /** What scores are multiplied by: query_pre_attn_scalar^-0.5. */
  attentionScale: number;
  rope: Record<LayerKind, RopeSizes>;
}

/** Everything about the model's shape that building and running it need. */
export interface ModelSizes {
  vocabSize: number;
  hiddenSize: number;
  encoder: StackSizes;
  decoder: StackSizes;
  /** Logits are cap * tanh(logits / cap); null for none. */
  finalLogitSoftcap: number | null;
  /** Tokens of document that the checkpoint was made for. */
  contextTokens: number;
}

/** Token ids that mean something to the model itself. */
export interface SpecialTokens {
  bos: number;
  /** Any of these ends an answer. */
  eos: number[];
  pad: number;
  /** End of image: takes its own embedding vector. Null where the checkpoint has none. */
  endOfImage: number | null;
  /** Stands for one soft token of an image. */
  image: number | null;
  /** Ranges [first, last] of ids that are never to be decoded. */
  suppressed: [number, number][];
}

/** How sliding layers of the encoder are cut: blocks of rows, each seeing whole blocks before and after itself. */
export interface SlidingBlocks {
  rows: number;
  before: number;
  after: number;
}

/** The .onnx files, by what they compute. Inputs and outputs of each: t5gemma2/encoder.ts and t5gemma2/decoder.ts. */
export interface GraphFiles {
  embed: string;
  encoderEntry: string;
  encoderLayers: string[];
  decoderDocument: string;
  decoderScales: string;
  /** One step, by the form that the document comes in. */
  decoderSteps: Record<DocumentForm, string>;
}

/** Every graph's file, in no order that means anything. */
export function graphFiles(graphs: GraphFiles): string[] {
  return Object.values(graphs).flatMap((files: string | string[] | Record<string, string>) =>
    typeof files === 'string' ? files : Object.values(files),
  );
}

/** What a task puts into the encoder and into the decoder; `{document}` and `{question}` stand for the user's. */
export interface PromptTemplate {
  encoder: string;
  decoder: string;
  /** Answers that the model holds to be less likely than this are more often wrong than right, as whoever made it has measured. */
  unsureBelow?: number | undefined;
  /** What the model has learnt to say where the document does not answer; unset for a model that always answers. */
  absent?: string | undefined;
}

/** See the file's head. */
export interface Manifest {
  format: typeof formatVersion;
  name: string;
  architecture: 't5gemma2';
  /** What made this folder: program and version, and the checkpoint it was made from. */
  madeBy: string;
  source: { folder: string; configSha256: string };
  precision: Precision;
  parameters: number;
  sizes: ModelSizes;
  tokens: SpecialTokens;
  /** Whether the checkpoint brought vision weights; they are kept in weights-vision.safetensors. */
  hasVision: boolean;
  slidingBlocks: SlidingBlocks;
  graphs: GraphFiles;
  /** The form in which each weight is stored, by its checkpoint name: 'fp32', 'int8/<block size>', 'int4/<block size>', 'int8/rows', or two of them. */
  weights: Record<string, string>;
  prompts: { ask: PromptTemplate };
  /** Every other file of the folder. */
  files: Record<string, { sha256: string; sizeBytes: number }>;
}

const rows = z.int().positive();
const layerKind = z.enum(['sliding_attention', 'full_attention']);
const rope = z.strictObject({ theta: z.number().positive(), factor: z.number().positive() });
const stack: z.ZodType<StackSizes> = z.strictObject({
  layerTypes: z.array(layerKind).min(1),
  intermediateSize: rows,
  heads: rows,
  kvHeads: rows,
  headDim: rows,
  slidingWindow: rows,
  rmsNormEps: z.number().positive(),
  attentionScale: z.number().positive(),
  rope: z.strictObject({ sliding_attention: rope, full_attention: rope }),
});
const tokenId = z.int().nonnegative();
/** A name inside the folder: no path may lead out of it. */
const fileName = z.string().regex(/^[\w][\w.-]*(\/[\w][\w.-]*)?$/);
const template = z.strictObject({
  encoder: z.string(),
  decoder: z.string(),
  unsureBelow: z.number().min(0).max(1).optional(),
  absent: z.string().min(1).optional(),
});

/** Validates a manifest. */
const manifestSchema: z.ZodType<Manifest> = z.strictObject({
  format: z.literal(formatVersion),
  name: z.string().min(1),
  architecture: z.literal('t5gemma2'),
  madeBy: z.string(),
  source: z.strictObject({ folder: z.string(), configSha256: z.string() }),
  precision: z.enum(['fp32', 'int8', 'int4']),
  parameters: z.int().positive(),
  sizes: z.strictObject({
    vocabSize: rows,
    hiddenSize: rows,
    encoder: stack,
    decoder: stack,
    finalLogitSoftcap: z.number().positive().nullable(),
    contextTokens: rows,
  }),
  tokens: z.strictObject({
    bos: tokenId,
    eos: z.array(tokenId).min(1),
    pad: tokenId,
    endOfImage: tokenId.nullable(),
    image: tokenId.nullable(),
    suppressed: z.array(z.tuple([tokenId, tokenId])),
  }),
  hasVision: z.boolean(),
  slidingBlocks: z.strictObject({ rows, before: z.int().nonnegative(), after: z.int().nonnegative() }),
  graphs: z.strictObject({
    embed: fileName,
    encoderEntry: fileName,
    encoderLayers: z.array(fileName).min(1),
    decoderDocument: fileName,
    decoderScales: fileName,
    decoderSteps: z.strictObject({ cached: fileName, absorbed: fileName }),
  }),
  weights: z.record(z.string(), z.string()),
  prompts: z.strictObject({ ask: template }),
  files: z.record(fileName, z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), sizeBytes: z.int().nonnegative() })),
});

/**
 * Reads a model folder's manifest. Throws 'model-missing' where the folder has none, 'model-corrupt' naming the field
 * where it does not hold what it should.
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, manifestFile), 'utf8').catch((cause: unknown) => {
    throw new RuntimeError({
      code: 'model-missing',
      message: `open model ${folder}: expected a ${manifestFile}, found none`,
      details: { model: folder },
      cause,
    });
  });
  const value = parseJson(text);
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const { format } = (value ?? {}) as { format?: unknown };
  const problem =
    typeof format === 'number' && format < formatVersion
      ? `made by an earlier version of Recto (format ${format}, now ${formatVersion}): import the checkpoint again`
      : issue === undefined
        ? 'malformed'
        : `${issue.path.join('.') || 'the whole file'}: ${issue.message}`;
  throw new RuntimeError({
    code: 'model-corrupt',
    message: `open model ${folder}: ${manifestFile}: ${problem}`,
    details: { folder, file: manifestFile, problem },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
