import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { projectFiles } from './project-files.mjs';

test('ignored folders are left out, wherever they are meant, and nothing else', async () => {
  const root = await mkdtemp(join(tmpdir(), 'recto files '));
  try {
    const kept = ['.gitignore', 'a/b.ts', 'a/build/c.ts', 'distance/d.ts'];
    for (const path of [...kept, '.git/config', 'node_modules/x.js', 'a/node_modules/y.js', 'build/z.js', 'a/runs/w.txt']) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), path === '.gitignore' ? 'node_modules/\n/build/\na/runs/\ndist/\n*.log\n' : '');
    }
    expect(projectFiles(root)).toEqual(kept);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
