/**
 * Whether the text that a page yields means something: fonts without a mapping to characters give private use
 * characters, replacement characters or shifted nonsense, and a reader is better told so than fed with it.
 *
 * Thresholds are set by eye on the files named in docs/reading.md; pages of formulas, figures and dotted lines pass.
 */

/** A page with fewer characters than this is taken as it is: a number, a dash. */
const fewestCharacters = 4;
const mostUnmapped = 0.25;
const fewestLetters = 0.35;

/** Whether most glyphs of this text, as the parser gives it, were given characters that people write. */
export function isReadable(text: string): boolean {
  const characters = [...text.replace(/[\s\u00a0]|[.·…_\-–—]{3,}/gu, '')];
  const share = (kind: RegExp): number => characters.filter((character) => kind.test(character)).length / characters.length;
  if (characters.length === 0) return true;
  if (share(/[\p{Co}\p{Cn}\p{Cc}\p{Cs}\ufffd]/u) > mostUnmapped) return false;
  if (characters.length < fewestCharacters) return true;
  // Glyph numbers taken for characters: the space is a control character, small letters come out as capitals.
  if (share(/\p{Cc}/u) > 0.03 && share(/\p{Ll}/u) < 0.1) return false;
  return share(/[\p{L}\p{N}\p{M}\p{Sc}]/u) >= fewestLetters;
}
