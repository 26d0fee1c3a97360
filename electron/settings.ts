/**
 * What the shell remembers between runs: one small JSON file, checked when read and written whole or not at all.
 *
 * Whatever is missing or no longer understood takes its default, field by field: a damaged file must not keep the
 * app from opening. What the fields mean: ipc-contract.ts.
 */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Settings } from './ipc-contract.ts';

const theme = z.enum(['system', 'light', 'dark']);

/** A change of settings as a page may ask for it: any of the fields, nothing else. */
export const settingsChangeSchema: z.ZodType<Partial<Settings>> = z.strictObject({ theme: theme.exactOptional() });

const storedSchema: z.ZodType<Settings> = z.object({ theme: theme.catch('system') });

/** The settings of one app, kept in memory and on disk. */
export interface SettingsStore {
  current(): Settings;
  /** Makes the change, on disk first; returns all settings. Rejects with the file system's error where it cannot be written. */
  change(change: Partial<Settings>): Promise<Settings>;
}

/** Reads the settings at `path`; the defaults where there are none. */
export async function openSettings(path: string): Promise<SettingsStore> {
  let settings = storedSchema.parse(await readObject(path));
  let lastWrite: Promise<unknown> = Promise.resolve();
  return {
    current: () => settings,
    change(change) {
      const write = lastWrite.then(async () => {
        const changed = { ...settings, ...change };
        await writeWhole(path, `${JSON.stringify(changed, null, 2)}\n`);
        settings = changed;
        return changed;
      });
      lastWrite = write.catch(() => {}); // one write that failed does not keep the next from being tried
      return write;
    },
  };
}

async function readObject(path: string): Promise<object> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
