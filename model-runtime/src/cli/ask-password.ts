/** Asks for a document's password at the terminal, without showing what is typed. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { cancelled } from '../errors.ts';

/** The password as typed. Throws 'cancelled' on Ctrl-C, Ctrl-D, or when the signal is aborted. */
export async function askPassword(question: string, signal: AbortSignal): Promise<string> {
  process.stderr.write(question);
  const swallow = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: swallow, terminal: true, historySize: 0 });
  try {
    return await new Promise<string>((resolve, reject) => {
      const stop = (): void => reject(cancelled());
      lines.question('', resolve);
      lines.once('SIGINT', stop);
      lines.once('close', stop);
      signal.addEventListener('abort', stop, { once: true });
    });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
