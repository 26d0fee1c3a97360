/**
 * The runtime inside a packaged app: plain files, laid out as in the checkout, with the Node that runs them.
 *
 *   resources/runtime/  bin/node            model-runtime/{package.json, src}
 *                       assets/             node_modules/ (what model-runtime needs, and no more)
 *
 * Plain Node cannot read Electron's archive, and it runs the TypeScript sources as they are (types are stripped), but
 * only outside node_modules: so nothing is bundled and every path in the sources stays true. Knows files and packages;
 * who calls it: forge.config.ts.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';

/** What is packaged for whom. */
export interface RuntimeTarget {
  platform: string;
  arch: string;
}

/** The parts of large packages that the runtime never opens, relative to the package. Measured against what it loads. */
const leftOut: Record<string, RegExp> = {
  'pdfjs-dist': /^(build|types|web|image_decoders)(\/|$)|\.map$/,
  '@huggingface/tokenizers': /^types(\/|$)|\.map$/,
  zod: /^src(\/|$)|\.d\.c?ts$/,
};

interface PackageJson {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** Copies the runtime to `folder`. Throws an Error where something it needs is not here. */
export async function copyRuntime(root: string, folder: string, target: RuntimeTarget): Promise<void> {
  // Native packages are installed for this machine only.
  if (target.platform !== process.platform || target.arch !== process.arch)
    throw new Error(
      `packaging for ${target.platform}-${target.arch} works on such a machine only; this one is ${process.platform}-${process.arch}`,
    );
  const source = join(root, 'model-runtime');
  await mkdir(join(folder, 'bin'), { recursive: true });
  await copyNode(folder, target);
  await cp(join(source, 'package.json'), join(folder, 'model-runtime', 'package.json'));
  await cp(join(source, 'src'), join(folder, 'model-runtime', 'src'), {
    recursive: true,
    filter: (path) => !/\.test\.ts$|__snapshots__/.test(path),
  });
  await cp(join(root, 'assets'), join(folder, 'assets'), { recursive: true, filter: (path) => basename(path) !== 'source' });
  for (const packageFolder of packagesOf(source, root)) {
    await copyPackage(packageFolder, join(folder, relative(root, packageFolder)), target);
  }
}

/** The Node named by RECTO_PACKAGE_NODE, else the one that runs this. */
async function copyNode(folder: string, { platform }: RuntimeTarget): Promise<void> {
  const node = process.env['RECTO_PACKAGE_NODE'] ?? process.execPath;
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  if (Number(/^v(\d+)/.exec(version)?.[1]) < 24)
    throw new Error(`packaging needs a Node 24 or newer to bring along; ${node} is ${version}`);
  const path = join(folder, 'bin', platform === 'win32' ? 'node.exe' : 'node');
  await copyFile(node, path);
  await chmod(path, 0o755);
}

/** The folders of all packages that `folder` depends on, each once. Optional ones where they are installed. */
function packagesOf(folder: string, root: string): Set<string> {
  const found = new Set<string>();
  const visit = (from: string): void => {
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as PackageJson;
    for (const name of new Set([...Object.keys(dependencies), ...Object.keys(optionalDependencies)])) {
      const at = findPackage(name, from, root);
      if (at === null && name in optionalDependencies) continue;
      if (at === null) throw new Error(`packaging: ${name}, needed by ${basename(from)}, is not installed`);
      if (found.has(at)) continue;
      found.add(at);
      visit(at);
    }
  };
  visit(folder);
  return found;
}

/** Where Node would find the package: in the nearest node_modules above. */
function findPackage(name: string, from: string, root: string): string | null {
  for (let folder = from; folder.startsWith(root); folder = dirname(folder)) {
    const at = join(folder, 'node_modules', name);
    if (existsSync(join(at, 'package.json'))) return at;
  }
  return null;
}

async function copyPackage(source: string, folder: string, target: RuntimeTarget): Promise<void> {
  const name = source.slice(source.lastIndexOf(`node_modules${sep}`) + `node_modules${sep}`.length).replaceAll(sep, '/');
  const unwanted = leftOut[name];
  await cp(source, folder, {
    recursive: true,
    dereference: true,
    filter: (path) => {
      const inside = relative(source, path).replaceAll(sep, '/');
      if (inside === 'node_modules' || unwanted?.test(inside)) return false; // nested packages are copied by themselves
      return name !== 'onnxruntime-node' || isForTarget(inside, target);
    },
  });
}

/** onnxruntime-node brings the binaries of every platform: bin/napi-v6/<platform>/<arch>. */
function isForTarget(inside: string, { platform, arch }: RuntimeTarget): boolean {
  const [, binaryPlatform, binaryArch] = /^bin\/napi-v\d+\/([^/]+)(?:\/([^/]+))?/.exec(inside) ?? [];
  return (binaryPlatform ?? platform) === platform && (binaryArch ?? arch) === arch;
}
