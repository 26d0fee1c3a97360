/**
 * The documents that come with Recto to be tried, and questions that they answer. For those who have no PDF at hand.
 *
 * The files are built into the page, so that they are there wherever the page is.
 */
import invoiceUrl from '../assets/samples/invoice.pdf?url';
import itineraryUrl from '../assets/samples/itinerary.pdf?url';
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
    questions: ['By when must the invoice be paid?', 'How much is still to pay?', 'For how long are the joints guaranteed?'],
  },
  {
    title: 'An itinerary',
    name: 'itinerary.pdf',
    url: itineraryUrl,
    questions: ['What is the booking code?', 'What is the code of the green box?'],
  },
];
