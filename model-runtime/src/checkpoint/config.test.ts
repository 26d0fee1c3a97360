import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { goldenCheckpoint } from '../../test/golden-case.ts';
import type { GoldenName } from '../../test/golden-case.ts';
import { parseConfig } from './config.ts';

type Json = Record<string, unknown>;

function configOf(name: GoldenName): Json {
  return JSON.parse(readFileSync(join(goldenCheckpoint(name), 'config.json'), 'utf8')) as Json;
}

/** The configuration with one field, named by its path, set to another value. */
function withField(config: Json, path: string, value: unknown): Json {
  const copy = structuredClone(config);
  const keys = path.split('.');
  const parent = keys.slice(0, -1).reduce<Json>((inner, key) => inner[key] as Json, copy);
  parent[keys.at(-1) ?? ''] = value;
  return copy;
}

describe('parseConfig', () => {
  it('C1, C2: both RoPE spellings give sizes', () => {
    expect(parseConfig('f', configOf('window'), undefined).sizes.encoder.rope.full_attention).toEqual({ theta: 1_000_000, factor: 8 });
    const released = configOf('released');
    const text = (released['encoder'] as { text_config: Json }).text_config;
    expect(text['rope_parameters']).toBeUndefined();
    const scaling = text['rope_scaling'] as { factor: number };
    expect(parseConfig('f', released, undefined).sizes.encoder.rope).toEqual({
      full_attention: { theta: text['rope_theta'], factor: scaling.factor },
      sliding_attention: { theta: text['rope_local_base_freq'], factor: 1 },
    });
  });

  it('C3: without layer_types every sixth layer is full', () => {
    const released = configOf('released');
    expect((released['decoder'] as Json)['layer_types']).toBeUndefined();
    const { layerTypes } = parseConfig('f', released, undefined).sizes.decoder;
    expect(layerTypes.map((kind) => kind[0]).join('')).toBe('sssssf');
  });

  it('C5: end tokens come from generation_config.json, else from config.json', () => {
    const config = configOf('plain');
    expect(parseConfig('f', config, { eos_token_id: [1, 106] }).tokens.eos).toEqual([1, 106]);
    expect(parseConfig('f', config, undefined).tokens.eos).toEqual([1]);
  });

  it.each([
    ['model_type', 't5gemma'],
    ['encoder.text_config.rope_parameters.full_attention.rope_type', 'yarn'],
    ['encoder.text_config.hidden_activation', 'relu'],
    ['decoder.attn_logit_softcapping', 50],
    ['decoder.attention_bias', true],
    ['decoder.hidden_size', 128],
    ['decoder.vocab_size', 12],
    ['decoder.num_key_value_heads', 3],
    ['encoder.text_config.layer_types', ['full_attention']],
    ['encoder.text_config.num_hidden_layers', undefined],
    ['tie_word_embeddings', false],
  ])('C4: %s = %j is an error that names field and value', (field, value) => {
    expect(() => parseConfig('f', withField(configOf('plain'), field, value), undefined)).toThrowError(
      expect.objectContaining({
        code: 'model-unsupported',
        details: { folder: 'f', field, value: value === undefined ? 'nothing' : JSON.stringify(value) },
      }),
    );
  });
});
