/**
 * What the reading order needs to know of characters: direction, scripts written without spaces, rough widths.
 *
 * Character classes come from the Unicode properties that JavaScript's regular expressions know.
 */

const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const leftToRight = /[\p{L}\p{N}]/u;
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef\u30fc]/u;

/** The direction that a word's first strong character gives it; undefined for punctuation. Digits count as left to right. */
export function directionOf(word: string): 'ltr' | 'rtl' | undefined {
  if (rightToLeft.test(word)) return 'rtl';
  return leftToRight.test(word) ? 'ltr' : undefined;
}

/** Whether more letters of these words are right-to-left than left-to-right. */
export function readsRightToLeft(words: Iterable<string>): boolean {
  let balance = 0;
  for (const word of words) {
    if (rightToLeft.test(word)) balance -= word.length;
    else if (/\p{L}/u.test(word)) balance += word.length;
  }
  return balance < 0;
}

/** Whether a character belongs to a script that puts no spaces between words (Chinese, Japanese). */
export function isUnspaced(character: string | undefined): boolean {
  return character !== undefined && unspaced.test(character);
}

/**
 * A word's length in arbitrary units, for sharing out the length of a run among its words: good to some percent for
 * the usual proportional fonts, exact for fixed-width scripts.
 */
export function roughLength(word: string): number {
  let length = 0;
  for (const character of word) length += characterLength(character);
  return length;
}

function characterLength(character: string): number {
  if (isUnspaced(character)) return 1;
  if (/\p{M}/u.test(character)) return 0;
  if (/[iljI|.,:;'!ı]/.test(character)) return 0.25;
  if (/[frt()[\]{} /\\\-"“”‘’`]/.test(character)) return 0.32;
  if (/[mwMW@%—…]/.test(character)) return 0.85;
  return /[A-Z]/.test(character) ? 0.68 : 0.53;
}

const ligatures =
  /[\ufb00-\ufb06\ufb13-\ufb17\ufb1d-\ufb4f\ufb50-\ufdff\ufe70-\ufefc\u0132\u0133\u01c4-\u01cc\u01f1-\u01f3\u2f00-\u2fdf]+/g;
const spacingAccents: Record<string, string> = {
  '\u00b4': '\u0301',
  '\u00a8': '\u0308',
  '\u02c6': '\u0302',
  '\u02dc': '\u0303',
  '\u02c7': '\u030c',
  '\u00b8': '\u0327',
  '\u02da': '\u030a',
  '\u02dd': '\u030b',
  '\u02d8': '\u0306',
  '\u02d9': '\u0307',
};
const accentThenLetter = /([\u00b4\u00a8\u02c6\u02dc\u02c7\u00b8\u02da\u02dd\u02d8\u02d9])\s?([A-Za-z\u0131])/g;
/** Bullets and the like that Symbol and Wingdings put into the private use area. */
const privateSymbols: Record<string, string> = {
  '\uf0b7': '•',
  '\uf0a7': '▪',
  '\uf0a8': '▫',
  '\uf0d8': '➢',
  '\uf0fc': '✓',
  '\uf0e0': '→',
  '\uf0e8': '➔',
  '\uf06f': 'o',
  '\uf076': '❖',
  '\uf02d': '−',
  '\uf0d7': '×',
  '\uf0b0': '°',
  '\uf0b1': '±',
  '\uf020': ' ',
};

/**
 * Text as it is typed rather than as it is set: ligatures and presentation forms taken apart (NFKC on those alone, so
 * that ² and ½ stay), accents that stand before their letter joined with it, symbol fonts' bullets named, odd spaces
 * made plain, control characters dropped.
 */
export function normaliseText(text: string): string {
  return text
    .replace(ligatures, (found) => found.normalize('NFKC'))
    .replace(accentThenLetter, (found, accent: string, letter: string) => {
      const whole = ((letter === '\u0131' ? 'i' : letter) + (spacingAccents[accent] ?? '')).normalize('NFC');
      return whole.length === 1 ? whole : found;
    })
    .replace(/[\uf000-\uf0ff]/g, (found) => privateSymbols[found] ?? found)
    .replace(/[\u00a0\u2000-\u200a\u202f\u205f\u3000\t\n\r\f\v]/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '')
    .normalize('NFC');
}

const mirrored: Record<string, string> = {
  '(': ')',
  ')': '(',
  '[': ']',
  ']': '[',
  '{': '}',
  '}': '{',
  '<': '>',
  '>': '<',
  '«': '»',
  '»': '«',
};

/**
 * Whether the brackets of right-to-left text are the wrong way round: a PDF may name the glyph that is seen, which is the
 * mirror image of the character that is meant. Then a bracket closes before a word or opens after one.
 */
export function hasMirroredBrackets(text: string): boolean {
  return /(?:^|\s)[)\]}]\p{L}|\p{L}[([{](?:\s|$)/u.test(text);
}

/** The text with every bracket turned round. */
export function withBracketsTurned(text: string): string {
  return text.replace(/[()[\]{}<>«»]/g, (bracket) => mirrored[bracket] ?? bracket);
}
