/**
 * Who may import whom: the invariants of ARCHITECTURE.md, one rule each. tools/checks/import-direction.test.ts proves
 * that every rule fires. Tests may reach wherever what they test stands on, so most rules leave them out.
 */

/** Folders of model-runtime/src by half, each with the folders below it that it may import. */
const buildHalf = {
  checkpoint: ['tensors'],
  onnx: ['tensors'],
  quantize: ['tensors'],
  t5gemma2: ['onnx', 'tensors'],
  import: ['checkpoint', 'onnx', 'quantize', 't5gemma2', 'tensors'],
};
const runHalf = {
  session: ['tensors'],
  tokenizer: [],
  image: ['tensors'],
  documents: ['image'],
  library: ['tensors'],
  models: ['library'],
  reading: ['documents', 'image', 'tokenizer', 'session', 'library', 'tensors'],
  answering: ['documents', 'tokenizer', 'session', 'reading', 'tensors'],
  tasks: ['documents', 'image', 'tokenizer', 'session', 'library', 'models', 'reading', 'answering', 'tensors'],
  server: ['library', 'models'],
  cli: ['documents', 'library', 'models', 'tasks', 'server'],
};
/** @type {Record<string, string[]>} */
const layers = { tensors: [], ...buildHalf, ...runHalf };

/** Files beside the folders that any folder may import. */
const leaves = 'contract|errors|manifest|version|file-sha256|abandoned-folders';
/** Files beside the folders that stand above most of them: who may import them. */
const assembled = { 'loaded-model': ['tasks'], 'work-queue': ['tasks'], runtime: ['server', 'cli'], client: ['server'] };

const inRuntime = '^model-runtime/src/';
const tests = '\\.test\\.tsx?$';
/** @param {readonly string[]} names */
const anyOf = (names) => `(${names.join('|')})`;

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const layerRules = Object.entries(layers).map(([layer, below]) => ({
  name: `runtime-${layer}`,
  severity: 'error',
  comment: `${layer}/ may import ${below.length === 0 ? 'no other folder' : below.map((name) => `${name}/`).join(', ')}`,
  from: { path: `${inRuntime}${layer}/`, pathNot: tests },
  to: {
    path: inRuntime,
    pathNot: [
      `${inRuntime}${anyOf([layer, ...below])}/`,
      `${inRuntime}(${leaves})\\.ts$`,
      ...Object.entries(assembled)
        .filter(([, importers]) => importers.includes(layer))
        .map(([file]) => `${inRuntime}${file}\\.ts$`),
    ],
  },
}));

/** The one place that may import a package, so that it can be replaced, and its traps known, in one place. */
const doors = [
  { name: 'onnxruntime', package: 'onnxruntime-node', only: [`${inRuntime}session/`] },
  { name: 'pdfjs', package: 'pdfjs-dist', only: [`${inRuntime}documents/pdf[^/]*\\.ts$`] },
  { name: 'canvas', package: '@napi-rs/canvas', only: [`${inRuntime}(documents|image)/`] },
  { name: 'tokenizers', package: '@huggingface/tokenizers', only: [`${inRuntime}tokenizer/`] },
  { name: 'websockets', package: 'ws', only: [`${inRuntime}server/`, '^e2e/'] },
  { name: 'electron', package: 'electron', only: ['^electron/', '^e2e/', '^forge\\.config\\.ts$'] },
  { name: 'browser-drivers', package: '(playwright-core|axe-core|@sparticuz/chromium)', only: ['^e2e/'] },
];

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const doorRules = doors.map(({ name, package: packageName, only }) => ({
  name: `one-door-to-${name}`,
  severity: 'error',
  from: { pathNot: only },
  to: { path: `(^|/)node_modules/${packageName}/`, dependencyTypesNot: ['type-only'] },
}));

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const forbidden = [
  { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
  { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '\\?(raw|url|worker)$' } },
  ...layerRules,
  {
    name: 'runtime-folders-have-a-row',
    severity: 'error',
    comment: 'a new folder of model-runtime/src gets a row in the table above',
    from: { path: `${inRuntime}[^/]+/`, pathNot: `${inRuntime}${anyOf(Object.keys(layers))}/` },
    to: {},
  },
  {
    name: 'run-never-builds',
    severity: 'error',
    comment: 'the run half meets the build half in manifest.ts; runtime.ts alone starts an import',
    from: { path: `${inRuntime}(runtime|loaded-model|work-queue)\\.ts$` },
    to: { path: `${inRuntime}${anyOf(Object.keys(buildHalf))}/`, pathNot: `${inRuntime}import/import-checkpoint\\.ts$` },
  },
  {
    name: 'contract-is-a-leaf',
    severity: 'error',
    comment: 'contract.ts imports nothing of ours, errors.ts only its types, client.ts only these two',
    from: { path: `${inRuntime}(contract|errors|client)\\.ts$` },
    to: { path: '^(model-runtime|electron|renderer)/', pathNot: `${inRuntime}(contract|errors)\\.ts$` },
  },
  {
    name: 'manifest-is-a-leaf',
    severity: 'error',
    from: { path: `${inRuntime}(manifest|version|file-sha256|abandoned-folders)\\.ts$` },
    to: {
      path: '^(model-runtime|electron|renderer)/',
      pathNot: [`${inRuntime}(contract|errors)\\.ts$`, '^model-runtime/package\\.json$'],
    },
  },
  {
    name: 'runtime-is-self-contained',
    severity: 'error',
    from: { path: '^model-runtime/' },
    to: { path: '^(electron|renderer|e2e|tools|bench)/' },
  },
  {
    name: 'page-sees-only-contracts',
    severity: 'error',
    from: { path: '^renderer/', pathNot: tests },
    to: {
      path: '^(electron|model-runtime|e2e|tools)/',
      pathNot: [`${inRuntime}(contract|client|errors)\\.ts$`, '^electron/ipc-contract\\.ts$'],
    },
  },
  {
    name: 'page-knows-the-shell-by-types',
    severity: 'error',
    from: { path: '^renderer/', pathNot: tests },
    to: { path: '^electron/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'page-has-no-node',
    severity: 'error',
    from: { path: '^renderer/', pathNot: [tests, '^renderer/vite\\.config\\.ts$'] },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'shell-sees-only-the-contract',
    severity: 'error',
    comment: 'the shell starts the runtime, it never loads it',
    from: { path: '^electron/', pathNot: tests },
    to: { path: '^(model-runtime|renderer|e2e|tools)/', pathNot: `${inRuntime}contract\\.ts$` },
  },
  {
    name: 'features-are-islands',
    severity: 'error',
    from: { path: '^renderer/features/([^/]+)/' },
    to: { path: '^renderer/features/', pathNot: '^renderer/features/$1/' },
  },
  {
    name: 'ui-knows-no-feature',
    severity: 'error',
    from: { path: '^renderer/ui/' },
    to: { path: '^(electron|model-runtime|renderer)/', pathNot: '^renderer/(ui|styles)/' },
  },
  ...doorRules,
  {
    name: 'one-door-to-sqlite',
    severity: 'error',
    from: { pathNot: `${inRuntime}library/` },
    to: { path: '^(node:)?sqlite$', dependencyTypes: ['core'] },
  },
  {
    name: 'product-needs-no-tools',
    severity: 'error',
    from: { path: '^(model-runtime/src|electron|renderer)/', pathNot: [tests, 'vite\\.[^/]*config\\.ts$', '\\.config\\.ts$'] },
    to: { path: '^(tools|e2e|bench|model-runtime/test)/' },
  },
];

export default {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(tools/(train|reference)|dist|\\.vite)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
