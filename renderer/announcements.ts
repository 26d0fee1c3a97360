/** What is read out to those who do not see the page: that a document is read or refused, that an answer is there. Not every tick. */
import { useEffect, useState } from 'react';
import { failureText } from './failure-text.ts';
import type { Exchange } from './features/ask/ask-store.ts';
import type { OpenDocument } from './open-document.ts';
import type { Stores } from './stores.ts';
import { countText } from './wording.ts';

/** The last thing worth reading out. */
export function useAnnouncements({ library, conversation }: Stores): string {
  const [text, setText] = useState('');
  useEffect(
    () =>
      library.state.subscribe((now, before) => {
        for (const document of now.documents) {
          const was = before.documents.find(({ key }) => key === document.key);
          const news = was?.state.kind === document.state.kind ? quarterText(was, document) : documentText(document);
          if (news !== '') setText(news);
        }
      }),
    [library],
  );
  useEffect(
    () =>
      conversation.state.subscribe((now, before) => {
        const exchange = now.exchanges.at(-1);
        const was = before.exchanges.find(({ id }) => id === exchange?.id);
        if (exchange !== undefined && was !== undefined && was.state.kind !== exchange.state.kind) setText(exchangeText(exchange));
      }),
    [conversation],
  );
  return text;
}

function documentText({ name, state }: OpenDocument): string {
  switch (state.kind) {
    case 'waiting':
    case 'failed': // its notice is read out
      return '';
    case 'reading':
      return `Reading ${name}`;
    case 'ready':
      return `${name} is read: ${countText(state.summary.pageCount, 'page')}`;
    case 'locked':
      return `${name} needs its password`;
    case 'stopped':
      return `Stopped reading ${name}`;
  }
}

/** Each further quarter of a long reading. */
function quarterText(was: OpenDocument, { name, state }: OpenDocument): string {
  if (was.state.kind !== 'reading' || state.kind !== 'reading' || state.progress === null) return '';
  const quarter = Math.floor(4 * state.progress.fraction);
  return quarter > Math.floor(4 * (was.state.progress?.fraction ?? 0)) && quarter < 4 ? `Reading ${name}: ${25 * quarter}%` : '';
}

function exchangeText({ text, state }: Exchange): string {
  switch (state.kind) {
    case 'waiting':
    case 'answering':
      return '';
    case 'stopped':
      return 'Answer stopped';
    case 'failed':
      return failureText(state.failure).title;
    case 'answered': {
      if (state.answer.isAbsent) return text;
      const page = state.answer.citations[0]?.pageNumber;
      const doubt = state.answer.isUnsure ? '. The model is not sure of it.' : '';
      return `Answer: ${text}${page === undefined ? '' : `, page ${page}`}${doubt}`;
    }
  }
}
