/**
 * What pdf.ts and its thread say to each other. Types only.
 */
import type { PageRuns } from './text-run.ts';

/** What each call to the thread takes and gives. */
export interface PdfCalls {
  open: { takes: { data: Uint8Array<ArrayBuffer>; password: string | undefined }; gives: { pageCount: number; title: string | undefined } };
  page: { takes: { pageNumber: number }; gives: PageRuns };
  render: { takes: { pageNumber: number; widthPx: number }; gives: Uint8Array };
}

/** The name of a call. */
export type PdfCallName = keyof PdfCalls;

/** One call on its way to the thread. */
export type PdfRequest = { [Name in PdfCallName]: { id: number; name: Name; takes: PdfCalls[Name]['takes'] } }[PdfCallName];

/** Why a call failed: the password, the file, or anything else. */
export type PdfProblem = 'password-missing' | 'password-wrong' | 'damaged' | 'unsupported' | 'other';

/** The thread's answer to the call of that id. */
export type PdfReply = { id: number; gives: unknown } | { id: number; problem: PdfProblem; message: string };
