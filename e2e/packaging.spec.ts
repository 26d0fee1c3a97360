/**
 * The app can be packaged: as far as that goes without network and without Electron (tools/packaging/try-offline.ts).
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { rootFolder } from './app-fixture.ts';

test.runIf(process.platform === 'linux')(
  'Linux only, for the made-up Electron: archive, fuses and runtime are as they should be',
  { timeout: 180_000 },
  async () => {
    const script = join(rootFolder, 'tools', 'packaging', 'try-offline.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd: rootFolder, timeout: 170_000 });
    expect(stdout.split('\n').map((line) => line.split(':')[0])).toEqual(['archive', 'fuses', 'runtime', '']);
  },
);
