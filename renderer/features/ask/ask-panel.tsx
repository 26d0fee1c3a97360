/** The conversation about the chosen documents and the box for the next question. */
import { type JSX, type RefObject, useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { Button } from '../../ui/button.tsx';
import { AnswerCard, type PlaceInDocument } from './answer-card.tsx';
import { type AskedDocument, type Conversation, isUnderWay } from './ask-store.ts';
import { QuestionBox } from './question-box.tsx';
import styles from './ask-panel.module.css';

/** Questions that fit most documents; a press asks them. */
const FIRST_QUESTIONS = ['Who wrote this?', 'What is the date?', 'What is the total amount?'];

/** A document that can be asked, and whether the next question is about it. */
export interface AskableDocument extends AskedDocument {
  isIncluded: boolean;
  isReady: boolean;
  /** Questions it is known to answer. */
  questions: readonly string[];
}

/** What the panel shows and reports. */
export interface AskPanelProps {
  conversation: Conversation;
  documents: readonly AskableDocument[];
  questionField: RefObject<HTMLTextAreaElement | null>;
  onInclude: (key: string, isIncluded: boolean) => void;
  onPlace: (place: PlaceInDocument) => void;
  /** The name people know a document by, from the runtime's id; null where it has been removed. */
  nameOf: (documentId: string) => string | null;
}

/** The right of the page. */
export function AskPanel({ conversation, documents, questionField, onInclude, onPlace, nameOf }: AskPanelProps): JSX.Element {
  const { exchanges } = useStore(conversation.state);
  const about = documents.filter(({ isIncluded }) => isIncluded);
  const isBusy = exchanges.some(isUnderWay);
  const end = useEndInSight(exchanges.length, exchanges.at(-1)?.text.length ?? 0, exchanges.at(-1)?.state.kind);
  const ask = (question: string): boolean =>
    conversation.ask(
      question,
      about.map(({ key, name }) => ({ key, name })),
    );

  return (
    <section aria-label="Questions and answers" className={styles['panel']}>
      <header className={styles['header']} data-full={exchanges.length > 0 ? '' : undefined}>
        <h2>Ask</h2>
        {exchanges.length === 0 ? null : (
          <Button look="quiet" onClick={conversation.clear}>
            Clear
          </Button>
        )}
      </header>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be within reach of the keyboard */}
      <section className={styles['scroller']} ref={end} aria-label="Answers" tabIndex={0}>
        {exchanges.length === 0 ? (
          <Beginning questions={about.flatMap((document) => document.questions)} canAsk={about.length > 0} onAsk={ask} />
        ) : (
          <ol className={styles['list']} aria-label="Questions">
            {exchanges.map((exchange) => (
              <AnswerCard
                key={exchange.id}
                exchange={exchange}
                showsDocuments={documents.length > 1 || exchange.documents.length > 1}
                nameOf={nameOf}
                onPlace={onPlace}
                onAskAgain={isBusy ? null : () => conversation.askAgain(exchange.id)}
              />
            ))}
          </ol>
        )}
      </section>
      <QuestionBox
        field={questionField}
        documents={documents}
        isBusy={isBusy}
        lastQuestion={exchanges.at(-1)?.question ?? ''}
        onAsk={ask}
        onStop={conversation.stop}
        onInclude={onInclude}
      />
    </section>
  );
}

function Beginning(props: { questions: readonly string[]; canAsk: boolean; onAsk: (question: string) => boolean }): JSX.Element {
  const { canAsk, onAsk } = props;
  const questions = props.questions.length === 0 ? FIRST_QUESTIONS : props.questions;
  return (
    <div className={styles['beginning']}>
      <p className={styles['lead']}>Ask about anything that stands in the document. The answer shows the page it comes from.</p>
      <ul className={styles['suggestions']} aria-label="Questions to begin with">
        {questions.map((question) => (
          <li key={question}>
            <button type="button" disabled={!canAsk} className={styles['suggestion']} onClick={() => onAsk(question)}>
              {question}
            </button>
          </li>
        ))}
      </ul>
      <p className={styles['note']}>
        Short questions about one thing work best. Each is answered from the pages alone; earlier questions are not remembered.
      </p>
    </div>
  );
}

/** Keeps the end of a growing list in sight, unless one has scrolled up to read. */
function useEndInSight(...growth: readonly unknown[]): RefObject<HTMLElement | null> {
  const scroller = useRef<HTMLElement>(null);
  const wasAtEnd = useRef(true);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const look = (): void => {
      wasAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 80;
    };
    element.addEventListener('scroll', look, { passive: true });
    return () => element.removeEventListener('scroll', look);
  }, []);
  useEffect(() => {
    const element = scroller.current;
    if (element !== null && wasAtEnd.current) element.scrollTop = element.scrollHeight;
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, growth);
  return scroller;
}
