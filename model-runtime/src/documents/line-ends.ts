/**
 * Joins lines into one: a space between them, none in scripts that use none, and words divided at a line end put
 * together again.
 *
 * A soft hyphen at a line end always goes. A hard hyphen goes when letters stand on both sides and the second part
 * begins in lower case, unless the word is a compound that keeps it: then the part before is itself hyphenated or a
 * prefix that people write with a hyphen. No dictionary: the rare wrong guess costs one hyphen.
 */
import type { Piece } from './line.ts';
import { isUnspaced } from './script.ts';

/** First parts that people write with a hyphen ("well-known", "self-employed", "e-mail"). */
const keepsHyphen =
  /^(?:all|cross|e|far|first|four|full|half|high|ill|large|left|long|low|near|non|one|open|right|second|self|short|small|third|three|two|user|well|x)$/i;
/** Second parts that make one word with any of those ("high-er", "open-ing"). */
const isEnding = /^(?:ly|ers?|est|ness|ing|ed|ments?|en|ened|ity|ous|age|ish|wards?|s|hood|ship)(?!\p{L})/u;

/** The pieces of several lines as those of one. */
export function joinLines(lines: readonly (readonly Piece[])[]): Piece[] {
  const joined: Piece[] = [];
  for (const line of lines) {
    for (const [index, piece] of line.entries()) {
      const previous = joined.at(-1);
      if (index > 0 || !previous) joined.push(withoutSoftHyphens(piece));
      else joined.push(...joinedEnds(previous, piece, joined));
    }
  }
  return joined;
}

/** Decides how `piece`, the first of its line, follows `previous`, the last of the line before; changes the latter where its hyphen goes. */
function joinedEnds(previous: Piece, piece: Piece, joined: Piece[]): Piece[] {
  const next = withoutSoftHyphens(piece);
  if (isDivided(previous.text, next.text)) {
    joined[joined.length - 1] = { ...previous, text: previous.text.slice(0, -1) };
    return [{ ...next, before: '' }];
  }
  const isHyphenated = /[\p{L}\p{N}][-\u2010]$/u.test(previous.text) || previous.text.endsWith('/');
  const isOneScript = isUnspaced(previous.text.at(-1)) && isUnspaced(next.text[0]);
  return [{ ...next, before: isHyphenated || isOneScript ? '' : ' ' }];
}

/** Whether the hyphen at the end of `first` is there only because its word goes on with `second` on the next line. */
function isDivided(first: string, second: string): boolean {
  if (first.endsWith('\u00ad')) return true;
  const stem = /^(.*\p{L})[-\u2010]$/u.exec(first)?.[1];
  if (stem === undefined || !/^\p{Ll}/u.test(second)) return false;
  return !stem.includes('-') && !/^\p{Lu}+$/u.test(stem) && !isCompound(stem, second);
}

function isCompound(first: string, second: string): boolean {
  return keepsHyphen.test(first.replace(/^[^\p{L}]+/u, '')) && !isEnding.test(second);
}

/** Soft hyphens within a line show nothing. At its end they are looked at when the next line is joined. */
function withoutSoftHyphens(piece: Piece): Piece {
  const text = piece.text.replace(/\u00ad(?!$)/g, '');
  return text === piece.text ? piece : { ...piece, text };
}
