/**
 * Where Recto keeps what it stores for a person: models, the library, encoder states, uploads under way.
 *
 * Knows the place on each operating system and nothing of what lies inside. Source: XDG Base Directory 0.8 for Linux,
 * Application Support on macOS, Local AppData on Windows (the data is large and belongs to one machine, so not Roaming).
 */
import { mkdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { RuntimeError, isRuntimeError, toWriteError } from '../errors.ts';

/** What decides on the data folder. */
export interface DataFolderPlace {
  env?: Readonly<Record<string, string | undefined>>;
  platform?: NodeJS.Platform;
  home?: string;
}

/** The data folder: RECTO_HOME where it is set (made absolute), else the operating system's usual place. Creates nothing. */
export function resolveDataFolder({ env = process.env, platform = process.platform, home = homedir() }: DataFolderPlace = {}): string {
  const chosen = env['RECTO_HOME'];
  if (chosen !== undefined && chosen !== '') return path.resolve(chosen);
  if (platform === 'win32') return path.join(absolute(env['LOCALAPPDATA']) ?? path.join(home, 'AppData', 'Local'), 'Recto');
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Recto');
  return path.join(absolute(env['XDG_DATA_HOME']) ?? path.join(home, '.local', 'share'), 'recto');
}

/**
 * Makes the data folder where it does not exist yet, for its owner alone: documents' contents will lie in it.
 * Throws 'disk-full' where it cannot be made.
 */
export async function makeDataFolder(dataFolder: string): Promise<void> {
  try {
    await makeFolders(dataFolder);
  } catch (cause) {
    const error = toWriteError(cause, dataFolder);
    if (!isRuntimeError(error, 'disk-full') || error.details.problem === 'full') throw error;
    const message = `data folder ${dataFolder}: cannot be made (${error.message}); RECTO_HOME can name another place`;
    throw new RuntimeError({ code: 'disk-full', message, details: error.details, cause });
  }
}

// Not mkdir's own `recursive`: Node 24 never returns from it under /proc, where a parent exists and yet nothing can be made.
async function makeFolders(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
    if (code !== 'ENOENT' || (await exists(path.dirname(folder)))) throw error;
    await makeFolders(path.dirname(folder));
    await mkdir(folder, { mode: 0o700 });
  }
}

async function exists(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}

// The XDG specification: a relative path in these variables is invalid and to be ignored.
function absolute(folder: string | undefined): string | undefined {
  return folder !== undefined && path.isAbsolute(folder) ? folder : undefined;
}
