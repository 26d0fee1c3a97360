import type { KeptDocument } from 'model-runtime/contract';
import { describe, expect, it } from 'vitest';
import { scriptedClient } from '../../test/scripted-client.ts';
import { createKeptDocuments } from './kept-store.ts';

const lease: KeptDocument = {
  keptId: 'a'.repeat(32),
  path: '/home/a/lease.pdf',
  name: 'lease.pdf',
  pageCount: 2,
  tokens: 900,
  model: 'starter',
  sizeBytes: 1000,
  usedMs: 0,
  isComplete: true,
  isThere: true,
};
const invoice: KeptDocument = { ...lease, keptId: 'b'.repeat(32), name: 'invoice.pdf', sizeBytes: 500 };

describe('kept documents', () => {
  it('forgets one at once on the page, then shows what the runtime still has', async () => {
    const { client, take } = scriptedClient();
    const kept = createKeptDocuments(client);
    void kept.load();
    await take('library.list').succeed({ documents: [lease, invoice], sizeBytes: 1500, limitBytes: 9000 });
    expect(kept.state.getState()).toEqual({ documents: [lease, invoice], sizeBytes: 1500 });
    void kept.forget([lease.keptId]);
    expect(kept.state.getState().documents).toEqual([invoice]);
    const removal = take('library.remove');
    expect(removal.params).toEqual({ keptIds: [lease.keptId] });
    await removal.succeed({ freedBytes: 1000 });
    await take('library.list').succeed({ documents: [invoice], sizeBytes: 500, limitBytes: 9000 });
    expect(kept.state.getState()).toEqual({ documents: [invoice], sizeBytes: 500 });
  });

  it('brings back what could not be forgotten; shows nothing where the runtime is gone', async () => {
    const { client, take } = scriptedClient();
    const kept = createKeptDocuments(client);
    void kept.load();
    await take('library.list').succeed({ documents: [lease], sizeBytes: 1000, limitBytes: 9000 });
    void kept.forget([lease.keptId]);
    await take('library.remove').fail({ code: 'disk-full', message: 'm', details: { path: '/home', problem: 'forbidden' } });
    await take('library.list').succeed({ documents: [lease], sizeBytes: 1000, limitBytes: 9000 });
    expect(kept.state.getState().documents).toEqual([lease]);
    void kept.load();
    await take('library.list').fail({ code: 'runtime-stopped', message: 'm', details: { reason: 'r' } });
    expect(kept.state.getState().documents).toBeNull();
  });
});
