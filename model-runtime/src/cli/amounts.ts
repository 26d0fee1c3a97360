/** Numbers as people read them in a terminal: counts, sizes, durations, page ranges. Pure. */

const counts = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** 12345 -> "12,345" */
export function showCount(count: number): string {
  return counts.format(count);
}

/** showAmount(1, 'page') -> "1 page"; (2, 'page') -> "2 pages" */
export function showAmount(count: number, noun: string): string {
  return `${showCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Decimal units, as file managers show them: 12345678 -> "12 MB" */
export function showBytes(sizeBytes: number): string {
  return showScaled(sizeBytes, ['bytes', 'kB', 'MB', 'GB', 'TB']);
}

/** 7012345 -> "7.0 M" */
export function showMagnitude(count: number): string {
  return showScaled(count, ['', 'K', 'M', 'G']).trim();
}

/** 340 -> "0.34 s"; 12340 -> "12.3 s"; 83000 -> "1 min 23 s"; 3700000 -> "1 h 1 min" */
export function showDuration(elapsedMs: number): string {
  const seconds = elapsedMs / 1000;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : showSeconds(seconds);
}

/** A rougher duration, for times left: 12.4 -> "12 s"; 83 -> "1 min 23 s" */
export function showSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** [1, 2, 3, 5] -> "1-3, 5"; expects ascending numbers. */
export function showPageNumbers(pageNumbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const pageNumber of pageNumbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === pageNumber - 1) last[1] = pageNumber;
    else ranges.push([pageNumber, pageNumber]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}

function showScaled(amount: number, units: readonly string[]): string {
  let scaled = amount;
  let unit = 0;
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${unit === 0 || scaled >= 9.95 ? scaled.toFixed(0) : scaled.toFixed(1)} ${units[unit] ?? ''}`;
}
