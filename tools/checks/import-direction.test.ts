/**
 * Proves that every rule of .dependency-cruiser.mjs fires: a small copy of the tree is seeded with one breach of each
 * rule, and with imports that are allowed, which must stay silent. A rule without a breach here fails the test.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import type { ICruiseResult } from 'dependency-cruiser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import config from '../../.dependency-cruiser.mjs';

/** [rule, importing file, imported file or package]. Types where the rule tells types from values. */
const breaches: readonly (readonly [rule: string, from: string, to: string])[] = [
  ['no-unresolved', 'model-runtime/src/onnx/a.ts', './nowhere.ts'],
  ['runtime-tensors', 'model-runtime/src/tensors/a.ts', 'model-runtime/src/onnx/graph.ts'],
  ['runtime-checkpoint', 'model-runtime/src/checkpoint/a.ts', 'model-runtime/src/onnx/graph.ts'],
  ['runtime-onnx', 'model-runtime/src/onnx/b.ts', 'model-runtime/src/t5gemma2/layer.ts'],
  ['runtime-quantize', 'model-runtime/src/quantize/a.ts', 'model-runtime/src/session/door.ts'],
  ['runtime-t5gemma2', 'model-runtime/src/t5gemma2/a.ts', 'model-runtime/src/reading/tiles.ts'],
  ['runtime-session', 'model-runtime/src/session/a.ts', 'model-runtime/src/onnx/graph.ts'],
  ['runtime-tokenizer', 'model-runtime/src/tokenizer/a.ts', 'model-runtime/src/documents/page.ts'],
  ['runtime-image', 'model-runtime/src/image/a.ts', 'model-runtime/src/documents/page.ts'],
  ['runtime-documents', 'model-runtime/src/documents/a.ts', 'model-runtime/src/tokenizer/text.ts'],
  ['runtime-library', 'model-runtime/src/library/a.ts', 'model-runtime/src/documents/page.ts'],
  ['runtime-models', 'model-runtime/src/models/a.ts', 'model-runtime/src/checkpoint/weights.ts'],
  ['runtime-reading', 'model-runtime/src/reading/a.ts', 'model-runtime/src/t5gemma2/layer.ts'],
  ['runtime-answering', 'model-runtime/src/answering/a.ts', 'model-runtime/src/runtime.ts'],
  ['runtime-tasks', 'model-runtime/src/tasks/a.ts', 'model-runtime/src/import/import-checkpoint.ts'],
  ['runtime-server', 'model-runtime/src/server/a.ts', 'model-runtime/src/tasks/ask.ts'],
  ['runtime-cli', 'model-runtime/src/cli/a.ts', 'model-runtime/src/session/door.ts'],
  ['runtime-folders-have-a-row', 'model-runtime/src/novelties/a.ts', 'model-runtime/src/errors.ts'],
  ['runtime-import', 'model-runtime/src/import/a.ts', 'model-runtime/src/session/door.ts'],
  ['run-never-builds', 'model-runtime/src/runtime.ts', 'model-runtime/src/onnx/graph.ts'],
  ['contract-is-a-leaf', 'model-runtime/src/contract.ts', 'model-runtime/src/manifest.ts'],
  ['manifest-is-a-leaf', 'model-runtime/src/manifest.ts', 'model-runtime/src/tensors/tensor.ts'],
  ['runtime-is-self-contained', 'model-runtime/test/a.ts', 'electron/window.ts'],
  ['page-sees-only-contracts', 'renderer/a.ts', 'model-runtime/src/manifest.ts'],
  ['page-knows-the-shell-by-types', 'renderer/b.ts', 'electron/ipc-contract.ts'],
  ['page-has-no-node', 'renderer/c.ts', 'node:fs'],
  ['shell-sees-only-the-contract', 'electron/a.ts', 'model-runtime/src/errors.ts'],
  ['features-are-islands', 'renderer/features/ask/a.ts', 'renderer/features/library/list.ts'],
  ['ui-knows-no-feature', 'renderer/ui/a.ts', 'renderer/features/library/list.ts'],
  ['one-door-to-onnxruntime', 'model-runtime/src/reading/b.ts', 'onnxruntime-node'],
  ['one-door-to-pdfjs', 'model-runtime/src/documents/words.ts', 'pdfjs-dist'],
  ['one-door-to-canvas', 'model-runtime/src/server/b.ts', '@napi-rs/canvas'],
  ['one-door-to-tokenizers', 'model-runtime/src/reading/c.ts', '@huggingface/tokenizers'],
  ['one-door-to-websockets', 'model-runtime/src/cli/b.ts', 'ws'],
  ['one-door-to-electron', 'renderer/d.ts', 'electron'],
  ['one-door-to-browser-drivers', 'electron/b.ts', 'playwright-core'],
  ['one-door-to-sqlite', 'model-runtime/src/tasks/b.ts', 'node:sqlite'],
  ['product-needs-no-tools', 'model-runtime/src/onnx/c.ts', 'model-runtime/test/golden.ts'],
];

const allowed: readonly (readonly [from: string, to: string])[] = [
  ['model-runtime/src/t5gemma2/good.ts', 'model-runtime/src/onnx/graph.ts'],
  ['model-runtime/src/reading/good.ts', 'model-runtime/src/session/door.ts'],
  ['model-runtime/src/session/good.ts', 'onnxruntime-node'],
  ['model-runtime/src/documents/pdf-thread.ts', 'pdfjs-dist'],
  ['model-runtime/src/library/good.ts', 'node:sqlite'],
  ['model-runtime/src/cli/good.ts', 'model-runtime/src/runtime.ts'],
  ['model-runtime/src/onnx/good.test.ts', 'model-runtime/src/session/door.ts'],
  ['renderer/good.ts', 'model-runtime/src/contract.ts'],
  ['renderer/features/ask/good.ts', 'renderer/ui/button.ts'],
  ['electron/good.ts', 'electron'],
];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recto-imports-'));
  const imports = new Map<string, string[]>();
  const add = (from: string, to: string): void => {
    imports.set(from, [...(imports.get(from) ?? []), to]);
    if (to.endsWith('.ts') && !to.startsWith('.')) imports.set(to, imports.get(to) ?? []);
    else if (!/^\.|^node:/.test(to)) imports.set(`node_modules/${to}/index.js`, []);
  };
  for (const [, from, to] of breaches) add(from, to);
  for (const [from, to] of allowed) add(from, to);
  add('renderer/round.ts', 'renderer/about.ts');
  add('renderer/about.ts', 'renderer/round.ts');
  for (const [path, targets] of imports) {
    const up = '../'.repeat(path.split('/').length - 1);
    const lines = targets.map(
      (to, index) => `import * as i${index} from '${to.endsWith('.ts') && !to.startsWith('.') ? `${up}${to}` : to}';`,
    );
    const uses = targets.map((_, index) => `i${index}`).join(', ');
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `${lines.join('\n')}\nexport const used: unknown[] = [${uses}];\n`);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('every rule of the import direction fires at its breach, and at nothing else', { timeout: 60_000 }, async () => {
  const options = { ...config.options, ruleSet: { forbidden: config.forbidden }, validate: true, baseDir: folder };
  const { output } = await cruise(['model-runtime', 'electron', 'renderer'], options);
  const { modules, summary } = output as ICruiseResult;
  expect(modules.length).toBeGreaterThan(breaches.length);

  const fired = summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
  for (const [rule, from] of breaches) expect(fired, rule).toContain(`${rule}: ${from}`);
  expect(fired).toContain('no-cycles: renderer/about.ts');
  for (const [from] of allowed) expect(summary.violations.filter((violation) => violation.from === from)).toEqual([]);

  const proven = new Set(['no-cycles', ...breaches.map(([rule]) => rule)]);
  expect(config.forbidden.map(({ name }) => name).filter((name) => !proven.has(name ?? ''))).toEqual([]);
});
