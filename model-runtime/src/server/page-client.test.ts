import { describe, expect, it } from 'vitest';
import type { KeptDocument, RuntimeClient } from '../contract.ts';
import { restrictToPage } from './page-client.ts';

const kept = (letter: string, path: string): KeptDocument => ({
  keptId: letter.repeat(32),
  path,
  name: 'n.pdf',
  pageCount: 1,
  tokens: 9,
  model: 'm',
  sizeBytes: 100,
  usedMs: 0,
  isComplete: true,
  isThere: true,
});

/** A runtime that keeps one upload and one document of the person's own, and notes what reaches it. */
function newPage(): { page: RuntimeClient; reached: unknown[] } {
  const reached: unknown[] = [];
  const runtime: RuntimeClient = {
    call(name, params) {
      reached.push([name, params]);
      const documents = [kept('a', '/uploads/a.pdf'), kept('b', '/home/me/b.pdf')];
      return Promise.resolve((name === 'library.list' ? { documents, sizeBytes: 200, limitBytes: 900 } : {}) as never);
    },
  };
  return { page: restrictToPage(runtime, (path) => path.startsWith('/uploads/')), reached };
}

describe('a browser page', () => {
  it('sees and forgets its own uploads only', async () => {
    const { page, reached } = newPage();
    expect(await page.call('library.list', {})).toEqual({ documents: [kept('a', '/uploads/a.pdf')], sizeBytes: 100, limitBytes: 900 });
    await page.call('library.remove', { keptIds: ['a'.repeat(32), 'b'.repeat(32)] });
    expect(reached.at(-1)).toEqual(['library.remove', { keptIds: ['a'.repeat(32)] }]);
  });

  it('opens no file but its uploads, and changes no models', async () => {
    const { page, reached } = newPage();
    await expect(page.call('documents.open', { path: '/home/me/b.pdf' })).rejects.toMatchObject({ code: 'request-invalid' });
    await expect(page.call('models.import', { folder: '/home/me' })).rejects.toMatchObject({ code: 'request-invalid' });
    await expect(page.call('models.verify', { model: '../b' })).rejects.toMatchObject({ code: 'request-invalid' });
    expect(reached).toEqual([]);
  });
});
