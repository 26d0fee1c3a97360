/** A reading that is killed, again and again, ends with the states of one that was left alone. */
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EventOf } from '../src/contract.ts';
import { createRuntime } from '../src/runtime.ts';
import { goldenModel, temporaryFolder } from './golden-case.ts';

const models = dirname(await goldenModel('plain'));
const script = join(import.meta.dirname, 'read-until-killed.ts');

/** More for a longer proof: RECTO_KILLS=20. */
const kills = Number(process.env['RECTO_KILLS'] ?? 3);

const document = join(temporaryFolder(), 'long.txt');
writeFileSync(
  document,
  Array.from({ length: 130 }, (_, i) => `Paragraph ${i} tells of the weather, the post and item ${i * 7}.`).join('\n\n'),
);

type Progress = Extract<EventOf<'documents.open'>, { kind: 'progress' }>;

/** Reads in a process of its own and kills it once the encoder has come `fraction` of the way; returns what it reported. */
async function readAndKill(dataFolder: string, fraction: number): Promise<Progress[]> {
  const child = spawn(process.execPath, [script, dataFolder, models, document], { stdio: ['ignore', 'pipe', 'inherit'] });
  const reports: Progress[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    reports.push(...lines.map((line) => JSON.parse(line) as Progress).filter(({ kind }) => kind === 'progress'));
    if ((reports.at(-1)?.fraction ?? 0) >= fraction) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.on('exit', resolve));
  return reports;
}

/** What lies in the folder of stored states, by name. */
function storedFiles(dataFolder: string): Map<string, Buffer> {
  const folder = join(dataFolder, 'library', 'states');
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

describe('a reading that is killed', () => {
  it('L4, L6: goes on where it was kept, and ends with the same bytes', { timeout: 20_000 + 3_000 * kills }, async () => {
    const untouched = temporaryFolder();
    await readAndKill(untouched, 2);
    const expected = storedFiles(untouched);
    expect([...expected.keys()]).toEqual([expect.stringMatching(/\.states\.safetensors$/u)]);

    const dataFolder = temporaryFolder();
    const resumedAt: number[] = [];
    for (let kill = 0; kill < kills; kill++) {
      const reports = await readAndKill(dataFolder, (kill + 1) / (kills + 1));
      // Pages are counted before the encoder goes on: the first report after the last page shows where that is.
      const pageCount = reports[0]?.pageCount ?? 0;
      resumedAt.push(reports.find(({ pagesRead, fraction }) => pagesRead === pageCount && fraction > 0)?.fraction ?? 0);
    }
    expect(Math.max(...resumedAt)).toBeGreaterThan(0.3);
    await readAndKill(dataFolder, 2);
    expect(storedFiles(dataFolder)).toEqual(expected);
  });

  it('L2, L4: a kept reading that was damaged is read anew, to the same states', async () => {
    const untouched = temporaryFolder();
    await readAndKill(untouched, 2);
    const dataFolder = temporaryFolder();
    await readAndKill(dataFolder, 0.6);
    const folder = join(dataFolder, 'library', 'states');
    const [name = ''] = readdirSync(folder).filter((found) => found.endsWith('.unfinished.safetensors'));
    expect(name).not.toBe('');
    const bytes = readFileSync(join(folder, name));
    bytes[bytes.length - 100] = (bytes.at(-100) ?? 0) ^ 4;
    writeFileSync(join(folder, name), bytes);
    const runtime = createRuntime({ dataFolder, builtInModelsFolder: models });
    expect(await runtime.call('documents.open', { path: document })).toMatchObject({ cached: false });
    await runtime.close();
    expect(storedFiles(dataFolder)).toEqual(storedFiles(untouched));
  });
});
