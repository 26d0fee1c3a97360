/**
 * How numbers are said to people: times, counts, sizes, runs of pages. English, plain, rounded to what is worth knowing.
 */

const grouped = new Intl.NumberFormat('en');

/** A whole number with its digits grouped: 12,480. */
export function numberText(value: number): string {
  return grouped.format(Math.round(value));
}

/** A count with its noun: "1 page", "12,480 tokens". */
export function countText(count: number, noun: string): string {
  return `${numberText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Time still to come: "about 20 s left". Rounded more coarsely the further off it is, so that it does not flicker. */
export function timeLeftText(secondsLeft: number): string {
  if (secondsLeft < 3) return 'a moment left';
  if (secondsLeft < 10) return `about ${Math.round(secondsLeft)} s left`;
  if (secondsLeft < 55) return `about ${5 * Math.round(secondsLeft / 5)} s left`;
  const minutes = Math.max(1, Math.round(secondsLeft / 60));
  return minutes < 60 ? `about ${minutes} min left` : `about ${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}

/** Time that has passed: "34 ms", "0.8 s", "12 s", "3 min 5 s". */
export function durationText(elapsedMs: number): string {
  if (elapsedMs < 95) return `${Math.max(1, Math.round(elapsedMs))} ms`;
  const seconds = elapsedMs / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A size on disk or in memory: "15.2 MB". */
export function sizeText(sizeBytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = sizeBytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** A count of weights: "7.1 million", "1.2 billion". */
export function weightsText(parameters: number): string {
  if (parameters < 1e6) return numberText(parameters);
  return parameters < 1e9 ? `${(parameters / 1e6).toFixed(1)} million` : `${(parameters / 1e9).toFixed(1)} billion`;
}

/** A run of pages that follow one another; both ends are in it. */
export interface PageRun {
  from: number;
  to: number;
}

/** Page numbers as runs, in order. */
export function pageRuns(pageNumbers: readonly number[]): PageRun[] {
  const runs: PageRun[] = [];
  for (const pageNumber of pageNumbers.toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && pageNumber <= last.to + 1) last.to = pageNumber;
    else runs.push({ from: pageNumber, to: pageNumber });
  }
  return runs;
}

/** A run of pages: "7", "4–9". */
export function pageRunText({ from, to }: PageRun): string {
  return from === to ? numberText(from) : `${numberText(from)}–${numberText(to)}`;
}

/** Page numbers as people write them: "page 4", "pages 1–3 and 7". */
export function pagesText(pageNumbers: readonly number[]): string {
  const runs = pageRuns(pageNumbers).map(pageRunText);
  const all = runs.length < 2 ? (runs[0] ?? 'none') : `${runs.slice(0, -1).join(', ')} and ${runs.at(-1)}`;
  return `${pageNumbers.length === 1 ? 'page' : 'pages'} ${all}`;
}
