/** Pages and their pictures: the latest wish first, few at once, each kept. */
import type { DocumentPage } from 'model-runtime/contract';
import { describe, expect, it } from 'vitest';
import { scriptedClient, settle } from '../../test/scripted-client.ts';
import { createPages, pageKey } from './page-store.ts';

const staying = new AbortController().signal;
const wish = (pageNumber: number, widthPx = 700): { documentId: string; pageNumber: number; widthPx: number } => ({
  documentId: 'lease',
  pageNumber,
  widthPx,
});

describe('pictures', () => {
  it('asks for two at once and then for the latest wish first', async () => {
    const { client, take } = scriptedClient();
    const pages = createPages(client);
    const pictures = [1, 2, 3, 4].map((pageNumber) => pages.picture(wish(pageNumber), staying));
    const first = take('documents.pageImage');
    expect(first.params).toEqual(wish(1, 720));
    expect(take('documents.pageImage').params.pageNumber).toBe(2);
    expect(() => take('documents.pageImage')).toThrow('no call');
    await first.succeed({ dataUrl: 'data:1' });
    expect(await pictures[0]).toBe('data:1');
    expect(take('documents.pageImage').params.pageNumber).toBe(4);
  });

  it('leaves out wishes that were taken back while they waited', async () => {
    const { client, take } = scriptedClient();
    const pages = createPages(client);
    const leaving = new AbortController();
    for (const pageNumber of [1, 2, 3]) void pages.picture(wish(pageNumber), staying);
    const gone = pages.picture(wish(4), leaving.signal).catch((error: unknown) => error);
    leaving.abort();
    await take('documents.pageImage').succeed({ dataUrl: 'data:1' });
    expect(await gone).toMatchObject({ code: 'cancelled' });
    take('documents.pageImage');
    expect(take('documents.pageImage').params.pageNumber).toBe(3);
  });

  it('keeps a picture, and one for a slightly other width serves too', async () => {
    const { client, take, names } = scriptedClient();
    const pages = createPages(client);
    const first = pages.picture(wish(1, 650), staying);
    await take('documents.pageImage').succeed({ dataUrl: 'data:1' });
    await first;
    expect(await pages.picture(wish(1, 715), staying)).toBe('data:1');
    expect(names).toHaveLength(1);
  });

  it('goes on after a picture that could not be made', async () => {
    const { client, take } = scriptedClient();
    const pages = createPages(client);
    const results = [1, 2, 3].map((pageNumber) => pages.picture(wish(pageNumber), staying).catch((error: unknown) => error));
    await take('documents.pageImage').fail({ code: 'internal', message: 'x', details: { problem: 'x' } });
    expect(await results[0]).toMatchObject({ code: 'internal' });
    await settle();
    take('documents.pageImage');
    expect(take('documents.pageImage').params.pageNumber).toBe(3);
  });
});

describe('pages', () => {
  it('are fetched once, and again only after a failure', async () => {
    const { client, take, names } = scriptedClient();
    const pages = createPages(client);
    const failing = pages.learn('lease', 1).catch((error: unknown) => error);
    void pages.learn('lease', 1).catch(() => {});
    expect(names).toHaveLength(1);
    await take('documents.page').fail({ code: 'request-invalid', message: 'not yet', details: { problem: 'not yet' } });
    expect(await failing).toMatchObject({ code: 'request-invalid' });
    void pages.learn('lease', 1);
    const page: DocumentPage = { pageNumber: 1, widthPt: 595, heightPt: 842, read: 'text', because: null, tokens: 9, blocks: [] };
    await take('documents.page').succeed(page);
    expect(pages.state.getState().pages.get(pageKey('lease', 1))).toEqual(page);
    await pages.learn('lease', 1);
    expect(names).toHaveLength(2);
  });
});
