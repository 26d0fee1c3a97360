/**
 * Two questions about the sample documents that go through every layer here, with the words that a right answer holds.
 *
 * The questions and answers stand in assets/samples/questions.json. How many of them all the model gets right is
 * measured where the model is made, not here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A question about a sample document. */
export interface SampleQuestion {
  document: string;
  question: string;
  /** Words of the document that the answer holds. */
  answer: string;
}

const chosen: [document: string, question: string][] = [
  ['rental-contract.pdf', 'How much is the rent a month?'],
  ['itinerary.pdf', 'What is the booking code?'],
];

/** The questions. Throws where the samples no longer hold them. */
export function sampleQuestions(): SampleQuestion[] {
  const path = join(import.meta.dirname, '..', 'assets', 'samples', 'questions.json');
  const all = JSON.parse(readFileSync(path, 'utf8')) as Record<string, { question: string; answer: string }[]>;
  return chosen.map(([document, question]) => {
    const known = all[document]?.find((candidate) => candidate.question === question);
    if (known === undefined) throw new Error(`${path}: expected the question '${question}' about ${document}, found none`);
    return { document, ...known };
  });
}

/** The first of them. */
export function firstSample(): SampleQuestion {
  const [first] = sampleQuestions();
  if (first === undefined) throw new Error('no sample question is chosen');
  return first;
}
