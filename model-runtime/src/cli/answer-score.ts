/**
 * How good an answer is beside the accepted ones: exact match and F1 over words, as the literature on extractive question
 * answering has them (Rajpurkar et al., arXiv 1606.05250), for any language. Pure; the same as tools/train/evaluate.py.
 */

/** An answer as it is compared: small letters, one space between words, no English article in front, no mark at either end. */
export function plainAnswer(text: string): string {
  const words = text.toLowerCase().split(/\s+/u).join(' ');
  return words.replace(/^[ .,;:!?"']+|[ .,;:!?"']+$/gu, '').replace(/^(the|a|an) /u, '');
}

/** What an answer is worth beside the accepted ones. */
export interface AnswerScore {
  /** Word for word one of them. */
  isExact: boolean;
  /** The best F1 over words with one of them, from 0 to 1. */
  f1: number;
  /** The best chrF with one of them, from 0 to 1: the figure for translations. */
  chrF: number;
}

/** See AnswerScore; everything 0 where no answer is accepted. */
export function scoreAnswer(answer: string, accepted: readonly string[]): AnswerScore {
  const best = (score: (truth: string) => number): number => Math.max(0, ...accepted.map(score));
  return {
    isExact: accepted.some((truth) => plainAnswer(truth) === plainAnswer(answer)),
    f1: best((truth) => overlap(plainAnswer(answer), plainAnswer(truth))),
    chrF: best((truth) => chrF(answer, truth)),
  };
}

/** 2 * common / (words of both), a word counted as often as both have it. */
function overlap(answer: string, truth: string): number {
  const [ours, theirs] = [answer, truth].map((text) => text.split(' ').filter((word) => word !== '')) as [string[], string[]];
  const left = [...theirs];
  const common = ours.filter((word) => {
    const at = left.indexOf(word);
    if (at !== -1) left.splice(at, 1);
    return at !== -1;
  }).length;
  return common === 0 ? 0 : (2 * common) / (ours.length + theirs.length);
}

/** Lengths of the character sequences that chrF counts, and how much more recall weighs than precision (squared). */
const chrFOrders = [1, 2, 3, 4, 5, 6];
const chrFBeta2 = 4;

/** chrF of one text (Popović 2015): F2 of the mean precision and recall over its character 1-grams to 6-grams, spaces left out. */
export function chrF(answer: string, truth: string): number {
  const [ours, theirs] = [answer, truth].map((text) => [...text.replace(/\s+/gu, '')]) as [string[], string[]];
  const orders = chrFOrders.filter((order) => order <= Math.min(ours.length, theirs.length));
  let [precision, recall] = [0, 0];
  for (const order of orders) {
    const [made, wanted] = [ngramsOf(ours, order), ngramsOf(theirs, order)];
    const common = [...made].reduce((sum, [gram, count]) => sum + Math.min(count, wanted.get(gram) ?? 0), 0);
    precision += common / (ours.length - order + 1);
    recall += common / (theirs.length - order + 1);
  }
  return precision === 0 ? 0 : ((1 + chrFBeta2) * precision * recall) / (chrFBeta2 * precision + recall) / orders.length;
}

/** How often each run of so many characters stands in a text. */
function ngramsOf(characters: readonly string[], order: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let at = 0; at + order <= characters.length; at++) {
    const gram = characters.slice(at, at + order).join('');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}
