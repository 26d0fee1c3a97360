/**
 * Whether the text that a page yields means something: fonts without a mapping to characters give private use
 * characters, replacement characters or shifted nonsense, and a reader is better told so than fed with it.
 */

/** A page with fewer characters than this is taken as it is. */
const fewestCharacters = 12;
const mostUnmapped = 0.25;
const fewestLetters = 0.35;

/** Whether most glyphs of this text were given characters that people write. */
export function isReadable(text: string): boolean {
  const characters = [...text.replace(/\s|[.·…_\-–—]{3,}/gu, '')];
  if (characters.length < fewestCharacters) return !characters.every((character) => isUnmapped(character)) || characters.length === 0;
  const unmapped = characters.filter(isUnmapped).length;
  if (unmapped > characters.length * mostUnmapped) return false;
  const letters = characters.filter((character) => /[\p{L}\p{N}\p{M}\p{Sm}\p{Sc}]/u.test(character)).length;
  return letters >= characters.length * fewestLetters;
}

function isUnmapped(character: string): boolean {
  return /[\p{Co}\p{Cn}\p{Cc}\p{Cs}\ufffd]/u.test(character);
}
