/** Every failure has a sentence, and the sentences say what the details know. */
import type { FailureCode, FailureDetails, RuntimeFailure } from 'model-runtime/contract';
import { expect, it } from 'vitest';
import { failureText } from './failure-text.ts';

const examples: { [Code in FailureCode]: FailureDetails[Code] } = {
  'file-unreadable': { path: '/a.pdf', reason: 'damaged' },
  'file-unsupported': { path: '/a.docx', found: 'a Word file' },
  'file-encrypted': { path: '/a.pdf', password: 'wrong' },
  'document-empty': { path: '/a.pdf', pageCount: 3, because: [1, 2, 3].map((pageNumber) => ({ pageNumber, because: 'no text layer' })) },
  'document-too-long': { path: '/a.pdf', tokens: 82_926, limitTokens: 8192 },
  'document-missing': { documentId: 'lease' },
  'model-missing': { model: 'starter' },
  'model-corrupt': { folder: '/m', file: 'weights-0.bin', problem: 'its sha256 differs' },
  'model-unsupported': { folder: '/m', field: 'hidden_act', value: 'relu' },
  'model-protected': { model: 'starter', problem: 'built-in' },
  'out-of-memory': { operation: 'run' },
  'disk-full': { path: '/home', problem: 'full' },
  cancelled: {},
  'runtime-stopped': { reason: 'killed' },
  'request-invalid': { problem: 'no such call' },
  internal: { problem: 'invariant' },
};

it('says something different and complete for every code', () => {
  const failures = Object.entries(examples).map(([code, details]) => ({ code, message: 'technical', details }) as RuntimeFailure);
  const texts = failures.map(failureText);
  expect(new Set(texts.map(({ title }) => title)).size).toBe(failures.length);
  for (const { title, advice } of texts) {
    expect(title).toMatch(/^[A-Z].*\.$/);
    expect(advice).toMatch(/^[A-Z“].*\.$/);
    expect(title + advice).not.toContain('undefined');
  }
});

it('names the numbers, files and pages that matter', () => {
  const say = (code: FailureCode): string => failureText({ code, message: '', details: examples[code] } as RuntimeFailure).advice;
  expect(say('document-too-long')).toContain('82,926 tokens of text and the model takes 8,192');
  expect(say('model-corrupt')).toContain('“weights-0.bin”');
  expect(say('document-empty')).toContain('Pages 1–3: no text layer.');
  expect(say('file-unsupported')).toContain('a Word file');
});

it('tells a missing password from a wrong one, and every reason for an unreadable file apart', () => {
  const encrypted = (password: 'missing' | 'wrong'): string =>
    failureText({ code: 'file-encrypted', message: '', details: { path: '', password } }).title;
  expect(encrypted('missing')).not.toBe(encrypted('wrong'));
  const reasons = ['missing', 'forbidden', 'folder', 'empty', 'damaged', 'changed', 'timeout', 'io'] as const;
  const titles = reasons.map((reason) => failureText({ code: 'file-unreadable', message: '', details: { path: '', reason } }).title);
  expect(new Set(titles).size).toBe(reasons.length);
});
