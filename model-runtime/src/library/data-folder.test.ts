import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDataFolder, resolveDataFolder } from './data-folder.ts';

describe('resolveDataFolder', () => {
  it.each([
    ['RECTO_HOME first', { RECTO_HOME: '/data/recto', XDG_DATA_HOME: '/xdg' }, 'linux', '/data/recto'],
    ['the XDG folder', { XDG_DATA_HOME: '/xdg' }, 'linux', '/xdg/recto'],
    ['an XDG folder that is relative is none', { XDG_DATA_HOME: 'xdg' }, 'linux', '/home/ada/.local/share/recto'],
    ['empty variables are none', { RECTO_HOME: '', XDG_DATA_HOME: '' }, 'linux', '/home/ada/.local/share/recto'],
    ['macOS', {}, 'darwin', '/home/ada/Library/Application Support/Recto'],
    ['Windows', { LOCALAPPDATA: '/local' }, 'win32', '/local/Recto'],
  ] as const)('%s', (_what, env, platform, expected) => {
    expect(resolveDataFolder({ env, platform, home: '/home/ada' })).toBe(expected);
  });

  it('makes a relative RECTO_HOME absolute', () => {
    expect(resolveDataFolder({ env: { RECTO_HOME: 'here' } })).toBe(path.resolve('here'));
  });
});

describe('makeDataFolder', () => {
  let root: string;
  beforeEach(() => void (root = mkdtempSync(path.join(tmpdir(), 'recto-data-'))));
  afterEach(() => {
    chmodSync(root, 0o700);
    rmSync(root, { recursive: true });
  });

  it('makes it for its owner alone, and again without harm', async () => {
    const folder = path.join(root, 'a', 'recto');
    await makeDataFolder(folder);
    await makeDataFolder(folder);
    expect(statSync(folder).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o700);
  });

  it('says where it cannot be made, and what to do', async () => {
    writeFileSync(path.join(root, 'file'), '');
    await expect(makeDataFolder(path.join(root, 'file', 'recto'))).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('RECTO_HOME'),
      details: { problem: 'forbidden' },
    });
  });

  it.runIf(process.platform === 'linux')('does not wait for ever where nothing can ever be made', async () => {
    await expect(makeDataFolder('/proc/recto/data')).rejects.toMatchObject({ code: 'disk-full' });
  });
});
