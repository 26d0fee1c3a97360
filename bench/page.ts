/**
 * Puts the tables of a run's results into docs/performance.md: what stands between its two marks is written anew, the prose
 * around them is left as it is.
 *
 *   node bench/page.ts RESULTS.json [PAGE.md]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { readResults } from './results.ts';
import { pageOf } from './tables.ts';

const marks = ['<!-- made by bench/page.ts: -->', '<!-- :made by bench/page.ts -->'] as const;

const [file, page = 'docs/performance.md'] = process.argv.slice(2);
if (file === undefined) throw new Error('wanted: node bench/page.ts RESULTS.json');
const [before, rest] = readFileSync(page, 'utf8').split(marks[0]);
const [, after] = (rest ?? '').split(marks[1]);
if (before === undefined || after === undefined) throw new Error(`${page} lacks its marks`);
writeFileSync(page, `${before}${marks[0]}\n\n${pageOf(readResults(file))}\n\n${marks[1]}${after}`);
