/**
 * Which Node runs the runtime: a plain Node 24 or newer, never Electron itself.
 *
 * Electron's allocator aborts on the large single blocks that model weights need (docs/decisions), so a packaged app
 * brings a Node of its own. In development it is the one in .tools, or the one that started us.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const oldestMajor = 24;

/** The path of the Node that a packaged app brings along. `runtimeFolder`: the runtime's folder among its resources. */
export function packagedNode(runtimeFolder: string): string {
  return join(runtimeFolder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/**
 * The Node to use in development: RECTO_NODE, else the one in .tools, else the one that ran npm, else `node`.
 * Throws an Error that says what was looked for where none is new enough.
 */
export function findDevelopmentNode(appFolder: string, env: NodeJS.ProcessEnv): string {
  const inTools = join(appFolder, '.tools', 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const candidates = [env['RECTO_NODE'], existsSync(inTools) ? inTools : undefined, env['npm_node_execpath'], 'node'];
  for (const candidate of candidates) {
    if (candidate !== undefined && candidate !== '' && (majorOf(candidate) ?? 0) >= oldestMajor) return candidate;
  }
  throw new Error(`no Node.js ${oldestMajor} or newer was found; RECTO_NODE can name one`);
}

function majorOf(nodePath: string): number | null {
  try {
    const version = execFileSync(nodePath, ['--version'], { encoding: 'utf8', timeout: 5000, stdio: ['ignore', 'pipe', 'ignore'] });
    return Number(/^v(\d+)\./.exec(version)?.[1] ?? Number.NaN);
  } catch {
    return null;
  }
}
