/** What is marked on the pages and where the reader looks: the way from an answer to the place it comes from. */
import type { Citation } from 'model-runtime/contract';
import { useEffect, useState } from 'react';
import type { PlaceInDocument } from './features/ask/answer-card.tsx';
import type { Jump, Passage } from './features/reader/passage.ts';
import type { OpenDocument } from './open-document.ts';
import type { Stores } from './stores.ts';

/** The marks, the latest wish to look somewhere, and the ways to wish. */
export interface AnswerPlaces {
  marks: readonly Passage[];
  jump: Jump | null;
  lookAt: (passage: Passage) => void;
  /** Shows a place that an answer points to, in whichever document it is. */
  show: (place: PlaceInDocument) => void;
}

/** What is on the screen, and what to do when a place is to be shown. */
export interface Screen {
  documents: readonly OpenDocument[];
  selected: OpenDocument | null;
  onShown: () => void;
}

/** A new answer marks its places and shows the first by itself, where its document is on the screen. */
export function useAnswerPlaces({ conversation, library }: Stores, { documents, selected, onShown }: Screen): AnswerPlaces {
  const [marks, setMarks] = useState<readonly Citation[]>([]);
  const [jump, setJump] = useState<Jump | null>(null);

  useEffect(
    () =>
      conversation.state.subscribe(({ exchanges }, before) => {
        const last = exchanges.at(-1);
        const was = before.exchanges.find(({ id }) => id === last?.id);
        if (last === undefined || was === undefined) return setMarks([]);
        if (last.state.kind !== 'answered' || was.state.kind === 'answered') return undefined;
        const { citations } = last.state.answer;
        setMarks(citations);
        const { documents: known, selectedKey } = library.state.getState();
        const shown = known.find(({ key }) => key === selectedKey);
        const first = citations.find(({ documentId }) => documentId === shown?.documentId);
        return first === undefined ? undefined : setJump({ passage: first });
      }),
    [conversation, library],
  );

  return {
    marks,
    jump,
    lookAt: (passage) => setJump({ passage }),
    show({ citation, beside }) {
      const target = documents.find((document) => document.documentId === citation.documentId);
      if (target === undefined) return;
      setMarks(beside);
      if (target.key !== selected?.key) library.select(target.key);
      onShown();
      setJump({ passage: citation });
    },
  };
}
