/**
 * What a failed command says on stderr: the code, the reason, and what can be done about it; and its exit code.
 *
 * The sentences are for people at a terminal; the app's own are in its renderer.
 */
import type { RuntimeFailure } from '../contract.ts';

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

function hintFor(failure: RuntimeFailure): string | null {
  switch (failure.code) {
    case 'file-encrypted':
      return failure.details.password === 'missing' ? 'Give its password with --password.' : null;
    case 'document-empty':
      return failure.details.because.map(({ pageNumber, because }) => `Page ${pageNumber}: ${because}`).join('\n');
    case 'model-missing':
      return '`recto models list` shows the models there are; `recto models import` makes one from a checkpoint folder.';
    case 'model-corrupt':
      return 'The model has to be imported anew, or the checkpoint fetched again.';
    case 'model-protected':
      return failure.details.problem === 'exists' ? 'Choose another name with --name, or remove that model first.' : null;
    case 'out-of-memory':
      return 'Close other programs, or ask about a shorter document.';
    case 'disk-full':
      return failure.details.problem === 'full' ? 'Make room and try again; nothing half-written was left behind.' : null;
    case 'internal':
      return 'This is a bug in Recto. With RECTO_DEBUG=1 it says more.';
    case 'file-unreadable':
    case 'file-unsupported':
    case 'document-too-long':
    case 'document-missing':
    case 'model-unsupported':
    case 'cancelled':
    case 'runtime-stopped':
    case 'request-invalid':
      return null;
  }
}
