/** `recto serve` as a process of its own, over a home folder of its own. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server that runs. */
export interface Served {
  /** The link to its page: it works once. */
  url: string;
  /** Where it keeps its things. */
  home: string;
  /** Ends it, and deletes what it kept. */
  stop(): Promise<void>;
}

/** Starts the server and waits for its link. Rejects where it ends before. */
export async function startServe(): Promise<Served> {
  const home = await mkdtemp(join(tmpdir(), 'recto-e2e-serve-'));
  const main = join(import.meta.dirname, '..', 'model-runtime', 'src', 'cli', 'main.ts');
  const child = spawn(process.execPath, [main, 'serve', '--json'], {
    env: { ...process.env, RECTO_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const stop = async (): Promise<void> => {
    const force = setTimeout(() => child.kill('SIGKILL'), 6000);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(force);
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  };
  let written = '';
  const printed = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      written += text;
      try {
        resolve((JSON.parse(written) as { url: string }).url);
      } catch {
        // not all of it yet
      }
    });
    void ended.then((exitCode) => reject(new Error(`recto serve ended with code ${exitCode}`)));
  });
  return printed.then(
    (url) => ({ url, home, stop }),
    async (error: unknown) => {
      await stop();
      throw error;
    },
  );
}
