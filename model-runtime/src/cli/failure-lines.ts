/**
 * What a failed command says on stderr: the code, the reason, and what can be done about it; and its exit code.
 *
 * The sentences are for people at a terminal; the app's own are in its renderer.
 */
import type { FailureCode, FailureDetails, RuntimeFailure } from '../contract.ts';
import { showPageNumbers } from './amounts.ts';

/** Exit codes: 0 done, 2 wrong usage, 3 a file or model is unusable, 130 cancelled. A bug of ours ends with 1. */
export function exitCodeOf(failure: RuntimeFailure): number {
  if (failure.code === 'cancelled') return 130;
  return failure.code === 'internal' ? 1 : 3;
}

/** The lines on stderr. With --json: the failure itself, as one line of JSON. */
export function failureLines(failure: RuntimeFailure, isJson: boolean): string {
  if (isJson) return JSON.stringify(failure);
  if (failure.code === 'cancelled') return 'Cancelled.';
  const hint = hintFor(failure);
  return `recto: ${failure.code}: ${failure.message}${hint === null ? '' : `\n${hint}`}`;
}

/** What can be done about a failure, where more can be said than the message does. */
const hints: { readonly [Code in FailureCode]?: (details: FailureDetails[Code]) => string | null } = {
  'file-encrypted': ({ password }) => (password === 'missing' ? 'Give its password with --password.' : null),
  'document-empty': ({ because }) =>
    [...Map.groupBy(because, (page) => page.because)]
      .map(([reason, pages]) => `Page ${showPageNumbers(pages.map(({ pageNumber }) => pageNumber))}: ${reason}`)
      .join('\n'),
  'model-corrupt': () => 'The model has to be imported anew, or the checkpoint fetched again.',
  'model-protected': ({ problem }) => (problem === 'exists' ? 'Choose another name with --name, or remove that model first.' : null),
  'out-of-memory': () => 'Close other programs, or ask about a shorter document.',
  'disk-full': ({ problem }) => (problem === 'full' ? 'Make room and try again; nothing half-written was left behind.' : null),
  internal: () => 'This is a bug in Recto. With RECTO_DEBUG=1 it says more.',
};

function hintFor<Code extends FailureCode>({ code, details }: { code: Code; details: FailureDetails[Code] }): string | null {
  return hints[code]?.(details) ?? null;
}
