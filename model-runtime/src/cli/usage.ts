/**
 * The command line's grammar: parsing a command's arguments, and saying helpfully what is wrong with them.
 *
 * Knows no command. A wrong command line is a UsageError (exit code 2), never a RuntimeError: nothing was tried yet.
 */
import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';

/** The command line is not as it should be; the message is a sentence for people. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What every command understands besides its own options. */
const everywhere = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;

type ParsedValues<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ args: string[]; options: Options & typeof everywhere; allowPositionals: true; strict: true }>
>['values'];

/** The options and arguments of a command, typed by its options. Throws UsageError. */
export function parseCommandLine<const Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: Options,
): { values: ParsedValues<Options>; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options: { ...options, ...everywhere }, allowPositionals: true, strict: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
      const given = /'(-[^']*)'/.exec(message)?.[1] ?? '';
      const known = Object.keys({ ...options, ...everywhere }).map((name) => `--${name}`);
      throw new UsageError(`there is no option ${given}${didYouMean(given, known)}`);
    }
    if (code?.startsWith('ERR_PARSE_ARGS') === true) throw new UsageError(lowerFirst(message.split('\n')[0] ?? message));
    throw error;
  }
}

/** The whole number that an option holds; undefined where it was not given. Throws UsageError where it is none or out of range. */
export function wholeNumber(option: string, given: string | undefined, range: { from: number; to: number }): number | undefined {
  if (given === undefined) return undefined;
  const number = /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (number >= range.from && number <= range.to) return number;
  throw new UsageError(`${option} takes a whole number from ${range.from} to ${range.to}, not '${given}'`);
}

/** The value of an option that takes one of a few words. */
export function oneOf<Word extends string>(
  option: string,
  given: string | undefined,
  { words }: { words: readonly Word[] },
): Word | undefined {
  if (given === undefined) return undefined;
  const found = words.find((word) => word === given);
  if (found !== undefined) return found;
  throw new UsageError(`${option} takes ${words.join(' or ')}, not '${given}'${didYouMean(given, words)}`);
}

/** What a command's first word names among its actions. Throws a usage error that lists them where it names none. */
export function actionOf<Action>(command: string, name: string, actions: Readonly<Record<string, Action>>): Action {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action !== undefined) return action;
  const known = Object.keys(actions);
  if (name === '') throw new UsageError(`say what to do: ${known.map((each) => `${command} ${each}`).join(', ')}`);
  throw new UsageError(`there is no '${command} ${name}'${didYouMean(name, known)}; there are ${known.join(', ')}`);
}

/** " (did you mean x?)" where one of the known words is close to the given one, else nothing. */
export function didYouMean(given: string, known: readonly string[]): string {
  const distances = known.map((word) => ({ word, distance: editDistance(given, word) }));
  const [closest] = distances.toSorted((one, other) => one.distance - other.distance);
  if (closest === undefined || closest.distance > Math.max(1, Math.floor(closest.word.length / 3))) return '';
  return ` (did you mean ${closest.word}?)`;
}

/** How many letters to insert, delete, replace or swap with their neighbour to turn one word into the other. */
function editDistance(one: string, other: string): number {
  const rows = Array.from({ length: one.length + 1 }, (_, row) => [row, ...Array<number>(other.length).fill(0)]);
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let column = 0; column <= other.length; column++) rows[0]?.splice(column, 1, column);
  for (let row = 1; row <= one.length; row++) {
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwap = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const steps = [at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + (isSame ? 0 : 1)];
      if (isSwap) steps.push(at(row - 2, column - 2) + 1);
      rows[row]?.splice(column, 1, Math.min(...steps));
    }
  }
  return at(one.length, other.length);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
