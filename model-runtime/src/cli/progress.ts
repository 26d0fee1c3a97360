/**
 * How far a long command has got, on stderr: one live line on a terminal, plain lines now and then elsewhere.
 *
 * Knows lines and how often they may come, not what they tell.
 */
import { stripVTControlCharacters } from 'node:util';
import type { EventOf } from '../contract.ts';
import { showAmount, showCount, showSeconds } from './amounts.ts';

/** The part of a stream that is needed: stderr's. */
export interface ProgressStream {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

/** See the file's head. */
export interface Progress {
  /** Tells where things stand. `fraction` 0 to 1. */
  show(line: string, fraction: number): void;
  /** Takes the live line away: something else is about to be written, or the work is done. */
  clear(): void;
  /** Takes the live line away, and counts from nothing for the next piece of work. */
  end(): void;
}

const liveEveryMs = 80;
const plainEveryMs = 2000;
const plainStepMs = 500;
const plainStep = 0.1;

/**
 * Progress on a stream. On a terminal the line is rewritten in place, at most every 80 ms. Elsewhere a line is written
 * when two seconds have passed since the last, or when a tenth of the work has (but not twice within half a second):
 * what is done in a moment says nothing.
 */
export function createProgress(stream: ProgressStream, nowMs: () => number = () => performance.now()): Progress {
  let isLive = false;
  /** When the last line was written, or the piece of work began; null before it did. */
  let lastMs: number | null = null;
  let lastFraction = 0;

  const clear = (): void => {
    if (isLive) stream.write('\r\u001b[2K');
    isLive = false;
  };
  return {
    show(line, fraction) {
      const sinceMs = nowMs() - (lastMs ??= nowMs());
      if (stream.isTTY === true) {
        if (isLive && sinceMs < liveEveryMs) return;
        lastMs = nowMs();
        isLive = true;
        stream.write(`\r\u001b[2K${fit(line, (stream.columns || 80) - 1)}`);
        return;
      }
      if (sinceMs < plainEveryMs && (sinceMs < plainStepMs || fraction - lastFraction < plainStep)) return;
      lastMs = nowMs();
      lastFraction = fraction;
      stream.write(`${line}\n`);
    },
    clear,
    end() {
      clear();
      lastMs = null;
      lastFraction = 0;
    },
  };
}

/** "report.pdf: page 12 of 50, 8,431 tokens, 2,310 tokens/s, 42%, 11 s left" */
export function readingLine(name: string, progress: Extract<EventOf<'documents.open'>, { kind: 'progress' }>): string {
  const { pagesRead, pageCount, tokens, tokensPerSecond, fraction, secondsLeft } = progress;
  const pages = pagesRead < pageCount ? `page ${showCount(pagesRead)} of ${showCount(pageCount)}` : showAmount(pageCount, 'page');
  const rate = tokensPerSecond > 0 ? [`${showCount(tokensPerSecond)} tokens/s`] : [];
  return `${name}: ${[pages, showAmount(tokens, 'token'), ...rate, ...shareAndTime(fraction, secondsLeft)].join(', ')}`;
}

/** "weights-0.bin: 42%, 3 s left" */
export function stepLine({ step, fraction, secondsLeft }: EventOf<'models.import' | 'models.verify'>): string {
  return `${step}: ${shareAndTime(fraction, secondsLeft).join(', ')}`;
}

function shareAndTime(fraction: number, secondsLeft: number | null): string[] {
  return [`${Math.floor(fraction * 100)}%`, ...(secondsLeft === null ? [] : [`${showSeconds(secondsLeft)} left`])];
}

// A line that wraps could not be taken back.
function fit(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length <= columns ? plain : `${plain.slice(0, Math.max(0, columns - 1))}…`;
}
