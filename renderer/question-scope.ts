/** Which documents the next question is about: the one on the screen, until others are chosen beside it. */
import { useMemo, useState } from 'react';
import type { AskableDocument } from './features/ask/ask-panel.tsx';
import type { OpenDocument } from './open-document.ts';

/** The documents that can be asked, and the way to take one in or leave it out. */
export interface QuestionScope {
  askable: readonly AskableDocument[];
  include: (key: string, isIncluded: boolean) => void;
}

/** The scope over these documents. The one on the screen is in it unless it was left out while on the screen. */
export function useQuestionScope(documents: readonly OpenDocument[], selectedKey: string | null): QuestionScope {
  const [beside, setBeside] = useState<ReadonlySet<string>>(new Set());
  const [leftOut, setLeftOut] = useState<string | null>(null);
  const askable = useMemo(
    () =>
      documents
        .filter(({ state }) => state.kind === 'ready' || state.kind === 'reading' || state.kind === 'waiting')
        .map(({ key, name, questions, state }) => ({
          key,
          name,
          questions,
          isReady: state.kind === 'ready',
          isIncluded: beside.has(key) || (key === selectedKey && key !== leftOut),
        })),
    [documents, selectedKey, beside, leftOut],
  );
  return {
    askable,
    include(key, isIncluded) {
      if (key === selectedKey) setLeftOut(isIncluded ? null : key);
      setBeside((chosen) => (isIncluded ? new Set(chosen).add(key) : new Set([...chosen].filter((other) => other !== key))));
    },
  };
}
