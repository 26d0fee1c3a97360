/**
 * The documents that come with Recto to be tried, and questions that they answer. For those who have no PDF at hand.
 *
 * The files are built into the page, so that they are there wherever the page is.
 */
import invoiceUrl from '../assets/samples/invoice.pdf?url';
import minutesUrl from '../assets/samples/minutes.pdf?url';
import rentalContractUrl from '../assets/samples/rental-contract.pdf?url';

/** A document to be tried. */
export interface Sample {
  /** What it is, for people. */
  title: string;
  name: string;
  url: string;
  questions: readonly string[];
}

/** The samples, in the order in which they are offered. */
export const samples: readonly Sample[] = [
  {
    title: 'A rental contract',
    name: 'rental-contract.pdf',
    url: rentalContractUrl,
    questions: ['How much is the deposit?', 'When does the tenancy begin?', 'Who services the boiler?'],
  },
  {
    title: 'An invoice',
    name: 'invoice.pdf',
    url: invoiceUrl,
    questions: ['By when must the invoice be paid?', 'How much is still to pay?', 'What is the account number?'],
  },
  {
    title: 'Minutes of a meeting',
    name: 'minutes.pdf',
    url: minutesUrl,
    questions: ['Who is the treasurer?', 'When is the next meeting?', 'How much is in the path fund?'],
  },
];
