/**
 * config.json and generation_config.json of a T5Gemma 2 checkpoint, in both RoPE spellings, as the sizes that the
 * graphs are built from. Whatever Recto does not know is an error that names the field and its value.
 *
 * Source: transformers 5.23, configuration_t5gemma2.py; SPEC C1 to C5.
 */
import { z } from 'zod';
import { RuntimeError } from '../errors.ts';
import type { LayerKind, ModelSizes, RopeSizes, SpecialTokens, StackSizes } from '../manifest.ts';

/** What a checkpoint's configuration says. */
export interface CheckpointConfig {
  sizes: ModelSizes;
  tokens: SpecialTokens;
}

const size = z.int().positive();
const kinds = z.enum(['sliding_attention', 'full_attention']);
const ropeEntry = z.object({
  rope_type: z.enum(['default', 'linear']),
  rope_theta: z.number().positive(),
  factor: z.number().positive().optional(),
});

const stackSchema = z.object({
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size,
  head_dim: size,
  sliding_window: size,
  max_position_embeddings: size,
  rms_norm_eps: z.number().positive().default(1e-6),
  query_pre_attn_scalar: z.number().positive(),
  hidden_activation: z.literal('gelu_pytorch_tanh').default('gelu_pytorch_tanh'),
  attention_bias: z.literal(false).default(false),
  attn_logit_softcapping: z.null().default(null),
  final_logit_softcapping: z.number().positive().nullable().default(null),
  layer_types: z.array(kinds).nullish(),
  sliding_window_pattern: size.nullish(),
  _sliding_window_pattern: size.nullish(),
  rope_parameters: z.object({ full_attention: ropeEntry, sliding_attention: ropeEntry }).nullish(),
  rope_theta: z.number().positive().default(1_000_000),
  rope_local_base_freq: z.number().positive().default(10_000),
  rope_scaling: z
    .object({
      rope_type: z.enum(['default', 'linear']).optional(),
      type: z.enum(['default', 'linear']).optional(),
      factor: z.number().positive().optional(),
    })
    .nullish(),
});
type RawStack = z.infer<typeof stackSchema>;

const configSchema = z.object({
  model_type: z.literal('t5gemma2'),
  tie_word_embeddings: z.literal(true).default(true),
  encoder: z.object({
    text_config: stackSchema,
    eoi_token_index: z.int().nullish(),
    image_token_index: z.int().nullish(),
  }),
  decoder: stackSchema,
  bos_token_id: z.int().nullish(),
  eos_token_id: z.union([z.int(), z.array(z.int())]).nullish(),
  pad_token_id: z.int().nullish(),
  eoi_token_index: z.int().nullish(),
  image_token_index: z.int().nullish(),
});

const generationSchema = z.object({ eos_token_id: z.union([z.int(), z.array(z.int())]).nullish(), bos_token_id: z.int().nullish() });

/** Where a configuration was read from, for messages. */
interface Origin {
  folder: string;
  file: string;
}

/**
 * Reads both configurations. `generation` may be undefined (the file is optional): then config.json names the end token.
 *
 * Throws 'model-unsupported' naming the field and its value.
 */
export function parseConfig(folder: string, config: unknown, generation: unknown): CheckpointConfig {
  const raw = parse(configSchema, config, { folder, file: 'config.json' });
  const made = parse(generationSchema, generation ?? {}, { folder, file: 'generation_config.json' });
  const encoder = raw.encoder.text_config;
  for (const field of ['hidden_size', 'vocab_size'] as const) {
    if (raw.decoder[field] !== encoder[field]) {
      throw unsupported({ folder, file: 'config.json' }, `decoder.${field}`, raw.decoder[field], `the encoder's ${encoder[field]}`);
    }
  }
  return {
    sizes: {
      vocabSize: encoder.vocab_size,
      hiddenSize: encoder.hidden_size,
      encoder: stackSizes(folder, 'encoder.text_config', encoder),
      decoder: stackSizes(folder, 'decoder', raw.decoder),
      finalLogitSoftcap: raw.decoder.final_logit_softcapping,
      contextTokens: encoder.max_position_embeddings,
    },
    tokens: specialTokens(raw, made),
  };
}

function specialTokens(raw: z.infer<typeof configSchema>, made: z.infer<typeof generationSchema>): SpecialTokens {
  const eos = made.eos_token_id ?? raw.eos_token_id ?? 1;
  return {
    bos: raw.bos_token_id ?? made.bos_token_id ?? 2,
    eos: Array.isArray(eos) ? eos : [eos],
    pad: raw.pad_token_id ?? 0,
    endOfImage: raw.encoder.eoi_token_index ?? raw.eoi_token_index ?? null,
    image: raw.encoder.image_token_index ?? raw.image_token_index ?? null,
    suppressed: unusedIds(raw.encoder.text_config.vocab_size),
  };
}

function stackSizes(folder: string, field: string, raw: RawStack): StackSizes {
  if (raw.num_attention_heads % raw.num_key_value_heads !== 0) {
    const heads = `${raw.num_attention_heads} heads`;
    throw unsupported({ folder, file: 'config.json' }, `${field}.num_key_value_heads`, raw.num_key_value_heads, `a divisor of ${heads}`);
  }
  const layerTypes = raw.layer_types ?? layerTypesByPattern(raw);
  if (layerTypes.length !== raw.num_hidden_layers) {
    throw unsupported({ folder, file: 'config.json' }, `${field}.layer_types`, layerTypes, `${raw.num_hidden_layers} entries`);
  }
  return {
    layerTypes,
    intermediateSize: raw.intermediate_size,
    heads: raw.num_attention_heads,
    kvHeads: raw.num_key_value_heads,
    headDim: raw.head_dim,
    slidingWindow: raw.sliding_window,
    rmsNormEps: raw.rms_norm_eps,
    attentionScale: raw.query_pre_attn_scalar ** -0.5,
    rope: ropeSizes(raw),
  };
}

/** Every `pattern`-th layer (6 unless told) is full; the others slide. */
function layerTypesByPattern(raw: RawStack): LayerKind[] {
  const pattern = raw.sliding_window_pattern ?? raw._sliding_window_pattern ?? 6;
  return Array.from({ length: raw.num_hidden_layers }, (_, index) =>
    (index + 1) % pattern === 0 ? 'full_attention' : 'sliding_attention',
  );
}

/** New spelling: `rope_parameters` by layer type. Old: rope_theta, rope_local_base_freq, and rope_scaling for full layers only. */
function ropeSizes(raw: RawStack): Record<LayerKind, RopeSizes> {
  const entry = ({ rope_type, rope_theta, factor }: z.infer<typeof ropeEntry>): RopeSizes => ({
    theta: rope_theta,
    factor: rope_type === 'linear' ? (factor ?? 1) : 1,
  });
  if (raw.rope_parameters) {
    return { full_attention: entry(raw.rope_parameters.full_attention), sliding_attention: entry(raw.rope_parameters.sliding_attention) };
  }
  const scaling = raw.rope_scaling;
  const isLinear = (scaling?.rope_type ?? scaling?.type) === 'linear';
  return {
    full_attention: { theta: raw.rope_theta, factor: isLinear ? (scaling?.factor ?? 1) : 1 },
    sliding_attention: { theta: raw.rope_local_base_freq, factor: 1 },
  };
}

/** The ids that Gemma 3's vocabulary calls <unusedN>; other vocabularies have none that we know of. */
function unusedIds(vocabSize: number): [number, number][] {
  return vocabSize === 262_144
    ? [
        [6, 104],
        [256_002, 262_143],
      ]
    : [];
}

function parse<T>(schema: z.ZodType<T>, value: unknown, origin: Origin): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path ?? [];
  throw unsupported(origin, path.join('.'), valueAt(value, path), issue?.message ?? 'something else');
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined), value);
}

function unsupported(origin: Origin, field: string, value: unknown, expected: string): RuntimeError<'model-unsupported'> {
  const shown = value === undefined ? 'nothing' : JSON.stringify(value);
  return new RuntimeError({
    code: 'model-unsupported',
    message: `import ${origin.folder}: ${origin.file}: ${field}: expected ${expected}, got ${shown}`,
    details: { folder: origin.folder, field, value: shown },
  });
}
