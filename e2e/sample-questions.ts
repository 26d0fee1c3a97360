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

/** All of them. */
export function sampleQuestions(): SampleQuestions[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, '..', 'assets', 'samples', 'questions.json'), 'utf8')) as SampleQuestions[];
}
