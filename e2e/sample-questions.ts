/**
 * The questions about the sample documents and the words that a right answer holds: assets/samples/questions.json.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A sample document and what can be asked of it. */
export interface SampleQuestions {
  document: string;
  questions: { question: string; answer: string }[];
}

/** The sample documents and their questions. */
export function sampleQuestions(): SampleQuestions[] {
  const path = join(import.meta.dirname, '..', 'assets', 'samples', 'questions.json');
  const byDocument = JSON.parse(readFileSync(path, 'utf8')) as Record<string, SampleQuestions['questions']>;
  return Object.entries(byDocument).map(([document, questions]) => ({ document, questions }));
}

/** The first of them, with its first question. Throws where there are none. */
export function firstSample(): SampleQuestions & { question: string; answer: string } {
  const [sample] = sampleQuestions();
  const [first] = sample?.questions ?? [];
  if (sample === undefined || first === undefined) throw new Error('assets/samples/questions.json holds no questions');
  return { ...sample, ...first };
}
