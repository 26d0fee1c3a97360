/**
 * The one error class, and how it becomes plain data and back where it crosses a process.
 *
 * Expected failures (a bad file, no memory, cancelled) are a RuntimeError with a code; broken assumptions are
 * `invariant` and end as the code 'internal'. The codes and their details: contract.ts.
 */
import type { FailureCode, FailureDetails, RuntimeFailure } from './contract.ts';

/** An expected failure. The message says operation, expected, got and where; `details` are typed by the code. */
export class RuntimeError<Code extends FailureCode = FailureCode> extends Error {
  readonly code: Code;
  readonly details: FailureDetails[Code];

  constructor(failure: { code: Code; message: string; details: FailureDetails[Code]; cause?: unknown }) {
    super(failure.message, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.name = 'RuntimeError';
    this.code = failure.code;
    this.details = failure.details;
  }
}

/** Whether an unknown thrown value is a RuntimeError, optionally of one code. */
export function isRuntimeError<Code extends FailureCode>(error: unknown, code?: Code): error is RuntimeError<Code> {
  return error instanceof RuntimeError && (code === undefined || error.code === code);
}

/** Throws where an assumption of ours does not hold: a bug, never the user's doing. */
export function invariant(condition: unknown, why: string): asserts condition {
  if (!condition) throw new Error(`invariant: ${why}`);
}

/** Any thrown value as the plain data that crosses a process. Disk, memory and abort errors of Node get their own codes. */
export function toFailure(error: unknown): RuntimeFailure {
  const known = toRuntimeError(error);
  return { code: known.code, message: known.message, details: known.details } as RuntimeFailure;
}

/** The error that a failure stood for on the other side. */
export function fromFailure(failure: RuntimeFailure): RuntimeError {
  return new RuntimeError(failure);
}

/** The error of a call whose signal was aborted. */
export function cancelled(): RuntimeError<'cancelled'> {
  return new RuntimeError({ code: 'cancelled', message: 'cancelled', details: {} });
}

/** Throws the cancelled error if the signal has been aborted. Called between tiles and between tokens. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}

/** Any thrown value as a RuntimeError; what is not expected becomes 'internal' with its stack kept as the cause. */
export function toRuntimeError(error: unknown): RuntimeError {
  if (error instanceof RuntimeError) return error;
  const { name, code, message, path } = describe(error);
  if (name === 'AbortError') return cancelled();
  if (full.includes(code) || code === 'EROFS') {
    const problem = code === 'EROFS' ? 'forbidden' : 'full';
    return new RuntimeError({ code: 'disk-full', message, details: { path, problem }, cause: error });
  }
  if (code === 'ERR_STRING_TOO_LONG' || (name === 'RangeError' && /alloc|array buffer/i.test(message))) {
    return new RuntimeError({ code: 'out-of-memory', message, details: { operation: 'allocate' }, cause: error });
  }
  if (/bad_alloc|failed to allocate memory/i.test(message)) {
    return new RuntimeError({ code: 'out-of-memory', message, details: { operation: 'run' }, cause: error });
  }
  return new RuntimeError({ code: 'internal', message, details: { problem: message }, cause: error });
}

/** Why a place could not be written, as a RuntimeError: to be asked only of what wrote, for reading is refused in the same words. */
export function toWriteError(error: unknown, path: string): RuntimeError {
  const { code, message } = describe(error);
  if (!forbidding.includes(code)) return toRuntimeError(error);
  return new RuntimeError({ code: 'disk-full', message, details: { path, problem: 'forbidden' }, cause: error });
}

/** What the system says where there is no room: on the disk, for this person, or (FAT knows no file above 4 GB) in one file. */
const full = ['ENOSPC', 'EDQUOT', 'EFBIG'];
/** What it says of a place where nothing can be written. */
const forbidding = ['EACCES', 'EPERM', 'EEXIST', 'ENOTDIR', 'ENOENT', 'EINVAL', 'ENAMETOOLONG'];

function describe(error: unknown): { name: string; code: string; message: string; path: string } {
  if (!(error instanceof Error)) return { name: '', code: '', message: String(error), path: '' };
  const { code, path } = error as NodeJS.ErrnoException;
  return { name: error.name, code: code ?? '', message: error.message, path: path ?? '' };
}
