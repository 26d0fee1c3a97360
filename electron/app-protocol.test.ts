/**
 * The page's files come out, with their rules; nothing beside them does, however it is asked for.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerPageRequest, contentSecurityPolicy } from './app-protocol.ts';

let home: string;
let folder: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'recto-protocol-'));
  folder = join(home, 'page');
  await mkdir(join(folder, 'assets'), { recursive: true });
  await mkdir(join(home, 'page-of-others'));
  await writeFile(join(folder, 'index.html'), '<p>hello</p>');
  await writeFile(join(folder, 'assets', 'a b.js'), '1');
  await writeFile(join(folder, 'notes.txt'), 'not for pages');
  await writeFile(join(home, 'secret.json'), '{}');
  await writeFile(join(home, 'page-of-others', 'secret.json'), '{}');
});

afterAll(() => rm(home, { recursive: true }));

const get = (url: string, method = 'GET'): Promise<Response> => answerPageRequest(folder, { url, method });

test('the page comes with its content type and its policy', async () => {
  const answer = await get('app://recto/');
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe('<p>hello</p>');
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(answer.headers.get('content-security-policy')).toBe(contentSecurityPolicy);
});

test('names are percent-decoded, queries ignored', async () => {
  expect(await (await get('app://recto/assets/a%20b.js?v=1')).text()).toBe('1');
});

test.each([
  'app://recto/../secret.json',
  'app://recto/%2e%2e/secret.json',
  'app://recto/..%2fsecret.json',
  'app://recto/assets/..%2f..%2fsecret.json',
  'app://recto/..%2fpage-of-others/secret.json',
  'app://recto/..%5csecret.json',
  'app://recto/%00',
  'app://recto/%zz',
  'app://other/index.html',
  'https://recto/index.html',
  'app://recto/missing.js',
  'app://recto/notes.txt',
  'app://recto/assets',
  'not an address',
])('%s is not found', async (url) => {
  const answer = await get(url);
  expect(answer.status).toBe(404);
  expect(answer.headers.get('content-security-policy')).toBe(contentSecurityPolicy);
});

test('only GET and HEAD are answered', async () => {
  expect((await get('app://recto/', 'POST')).status).toBe(405);
  const head = await get('app://recto/', 'HEAD');
  expect([head.status, await head.text()]).toEqual([200, '']);
});
