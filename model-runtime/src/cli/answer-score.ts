/**
 * How good an answer is beside the accepted ones: exact match and F1 over words, as the literature on extractive question
 * answering has them (Rajpurkar et al., arXiv 1606.05250), for any language. Pure; the same as tools/train/evaluate.py.
 */

/** An answer as it is compared: small letters, one space between words, no English article in front, no mark at either end. */
export function plainAnswer(text: string): string {
  const words = text.toLowerCase().split(/\s+/u).join(' ');
  return words.replace(/^[ .,;:!?"']+|[ .,;:!?"']+$/gu, '').replace(/^(the|a|an) /u, '');
}

/** Whether it is word for word one of the accepted answers, and the best F1 with one of them, from 0 to 1. */
export function scoreAnswer(answer: string, accepted: readonly string[]): { isExact: boolean; f1: number } {
  const isExact = accepted.some((truth) => plainAnswer(truth) === plainAnswer(answer));
  return { isExact, f1: Math.max(0, ...accepted.map((truth) => overlap(plainAnswer(answer), plainAnswer(truth)))) };
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
