/** How pages stand while a document is read and afterwards. */
import type { DocumentSummary, PageRead } from 'model-runtime/contract';
import { expect, it } from 'vitest';
import { type OpenDocument, pageStandings } from './open-document.ts';

const parsed: PageRead = { kind: 'page', pageNumber: 1, read: 'text', because: null, tokens: 512 };
const reading: OpenDocument = {
  key: 'document-1',
  path: '/a.pdf',
  name: 'a.pdf',
  questions: [],
  documentId: 'a',
  pageCount: 3,
  pages: new Map([[1, parsed]]),
  state: { kind: 'reading', progress: null },
};

it('takes pages from the events while it is read', () => {
  expect(pageStandings(reading).map(({ read, tokens }) => [read, tokens])).toEqual([
    ['text', 512],
    ['pending', null],
    ['pending', null],
  ]);
});

it('takes them from the summary where the events did not tell, as when states were found on disk', () => {
  const summary = { read: { text: [1, 2], recognised: [], seen: [] }, unread: [{ pageNumber: 3, because: 'no text layer' }] };
  const ready: OpenDocument = { ...reading, pages: new Map(), state: { kind: 'ready', summary: summary as unknown as DocumentSummary } };
  expect(pageStandings(ready).map(({ read, because }) => [read, because])).toEqual([
    ['text', null],
    ['text', null],
    ['none', 'no text layer'],
  ]);
});

it('knows no pages before it knows how many there are', () => {
  expect(pageStandings({ ...reading, pageCount: null })).toEqual([]);
});
