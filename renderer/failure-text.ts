/**
 * Every failure code as a sentence for people: what happened, and what can be done about it.
 *
 * The switch is exhaustive: a new code in the contract does not compile until it has its sentence here. The technical
 * message stays with the failure; whoever shows this text shows it under "Details".
 */
import type { FailureDetails, RuntimeFailure } from 'model-runtime/contract';
import { countText, numberText, pagesText } from './wording.ts';

/** A failure in words. */
export interface FailureText {
  /** What happened: one short sentence. */
  title: string;
  /** Why, or what can be done: one or two sentences. */
  advice: string;
  /** Whether doing the same again may well work. */
  mayRetry: boolean;
}

/** What to tell people about a failure. */
// oxlint-disable-next-line complexity, max-lines-per-function -- one case a code, side by side, is what makes it easy to check
export function failureText(failure: RuntimeFailure): FailureText {
  switch (failure.code) {
    case 'file-unreadable':
      return unreadableText(failure.details);
    case 'file-unsupported':
      return {
        title: 'This is not a document that Recto reads.',
        advice: `It looks like ${failure.details.found}. Recto reads PDF and plain text files: save or print this one as a PDF first.`,
        mayRetry: false,
      };
    case 'file-encrypted':
      return failure.details.password === 'wrong'
        ? { title: 'That password does not open it.', advice: 'Check capital letters and try again.', mayRetry: true }
        : {
            title: 'This document is locked.',
            advice: 'Type its password to read it. The password stays on this machine.',
            mayRetry: true,
          };
    case 'document-empty':
      return emptyText(failure.details);
    case 'document-too-long':
      return {
        title: 'This is more than the model can read at once.',
        advice: `There are ${numberText(failure.details.tokens)} tokens of text and the model takes ${numberText(failure.details.limitTokens)}. Nothing was cut: ask about fewer documents, split the file, or use a model that takes more.`,
        mayRetry: false,
      };
    case 'document-missing':
      return { title: 'This document is no longer open.', advice: 'Read it again, then ask again.', mayRetry: true };
    case 'model-missing':
      return {
        title: 'The model is not there.',
        advice: `Recto looked for “${failure.details.model}”. Import it again, or choose another model.`,
        mayRetry: true,
      };
    case 'model-corrupt':
      return {
        title: 'The model is damaged.',
        advice: `The file “${failure.details.file}” in its folder is missing or was changed: ${failure.details.problem}. Import the model again.`,
        mayRetry: true,
      };
    case 'model-unsupported':
      return {
        title: 'Recto does not know this kind of model.',
        advice: `Its field “${failure.details.field}” says “${failure.details.value}”, which this version of Recto cannot run.`,
        mayRetry: false,
      };
    case 'model-protected':
      return failure.details.problem === 'exists'
        ? {
            title: 'There is a model of that name already.',
            advice: `Give “${failure.details.model}” another name, or remove the old one first.`,
            mayRetry: false,
          }
        : { title: 'This model came with Recto.', advice: `“${failure.details.model}” cannot be removed.`, mayRetry: false };
    case 'out-of-memory':
      return {
        title: 'There was not enough memory.',
        advice: 'Close other programs or remove documents you no longer need, then try again. A shorter document needs less.',
        mayRetry: true,
      };
    case 'disk-full':
      return failure.details.problem === 'full'
        ? { title: 'The disk is full.', advice: 'Make some room, then try again. Nothing half-written was left behind.', mayRetry: true }
        : {
            title: 'Recto may not write there.',
            advice: `Allow it to write to “${failure.details.path}”, then try again.`,
            mayRetry: true,
          };
    case 'cancelled':
      return { title: 'Stopped.', advice: 'You stopped this. Nothing was changed.', mayRetry: true };
    case 'runtime-stopped':
      return {
        title: 'Recto’s engine stopped on the way.',
        advice:
          'It starts again by itself; then try once more. If it stops at the same document again, there may not be enough memory for it.',
        mayRetry: true,
      };
    case 'request-invalid':
      return {
        title: 'Recto could not make sense of that.',
        advice: 'This is a fault in Recto. The details below help to find it.',
        mayRetry: false,
      };
    case 'internal':
      return {
        title: 'Something went wrong inside Recto.',
        advice: 'This is a fault in Recto, not in what you did. Trying again may help; the details below help to find it.',
        mayRetry: true,
      };
    default:
      return assertNever(failure);
  }
}

function unreadableText({ reason }: FailureDetails['file-unreadable']): FailureText {
  switch (reason) {
    case 'missing':
      return {
        title: 'The file is not there.',
        advice: 'It may have been moved, renamed or deleted. Choose it again where it is now.',
        mayRetry: true,
      };
    case 'forbidden':
      return {
        title: 'Recto may not read this file.',
        advice: 'Ask its owner, or change its permissions, then try again.',
        mayRetry: true,
      };
    case 'folder':
      return { title: 'This is a folder.', advice: 'Open it and choose the PDF files inside.', mayRetry: false };
    case 'empty':
      return {
        title: 'This file is empty.',
        advice: 'It holds no bytes at all: perhaps a download that never finished. Fetch it again.',
        mayRetry: false,
      };
    case 'damaged':
      return {
        title: 'This file is damaged.',
        advice: 'It is cut off or broken inside, so its pages cannot be found. Fetch or save it again.',
        mayRetry: true,
      };
    case 'changed':
      return {
        title: 'The file was changed since it was opened.',
        advice: 'Another file stands in its place now. Open it again to read that one.',
        mayRetry: true,
      };
    case 'timeout':
      return {
        title: 'This file took too long to open.',
        advice: 'Something in it keeps Recto from finishing. Saving it again from a PDF viewer often helps.',
        mayRetry: true,
      };
    case 'io':
      return {
        title: 'The file could not be read to its end.',
        advice: 'The disk or the network it lies on gave an error. Copy it to this machine and try again.',
        mayRetry: true,
      };
    default:
      return assertNever(reason);
  }
}

function emptyText({ pageCount, because }: FailureDetails['document-empty']): FailureText {
  if (pageCount === 0) return { title: 'This document has no pages.', advice: 'There is nothing in it to read.', mayRetry: false };
  const reasons = Map.groupBy(because, (page) => page.because);
  const told = [...reasons].map(([reason, pages]) => `${pagesText(pages.map((page) => page.pageNumber))}: ${reason}`).join('; ');
  return {
    title: pageCount === 1 ? 'There is no text on its page.' : `There is no text on any of its ${countText(pageCount, 'page')}.`,
    advice: `${told === '' ? '' : `${told.charAt(0).toUpperCase()}${told.slice(1)}. `}Recto cannot read pictures of text yet.`,
    mayRetry: false,
  };
}

function assertNever(value: never): never {
  throw new Error(`no sentence for ${JSON.stringify(value)}`);
}
