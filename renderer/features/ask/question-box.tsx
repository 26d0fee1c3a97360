/** The box for a question: which documents it is about, the words, and Ask or Stop. */
import { ArrowUp, Square } from 'lucide-react';
import { type JSX, type KeyboardEvent, type RefObject, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import type { AskableDocument } from './ask-panel.tsx';
import { DocumentScope } from './document-scope.tsx';
import styles from './question-box.module.css';

const LONGEST_QUESTION = 8192;

/** What the box shows and reports. */
export interface QuestionBoxProps {
  field: RefObject<HTMLTextAreaElement | null>;
  documents: readonly AskableDocument[];
  isBusy: boolean;
  /** What the up arrow brings back into an empty box. */
  lastQuestion: string;
  /** Returns whether the question was taken. */
  onAsk: (question: string) => boolean;
  onStop: () => void;
  onInclude: (key: string, isIncluded: boolean) => void;
}

/** Enter asks, Shift+Enter begins a new line, Escape stops. */
export function QuestionBox({ field, documents, isBusy, lastQuestion, onAsk, onStop, onInclude }: QuestionBoxProps): JSX.Element {
  const [question, setQuestion] = useState('');
  const about = documents.filter(({ isIncluded }) => isIncluded);
  const canAsk = about.length > 0 && question.trim() !== '' && !isBusy;
  const waits = about.some(({ isReady }) => !isReady);

  function submit(): void {
    if (canAsk && onAsk(question)) setQuestion('');
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    if (event.nativeEvent.isComposing) return; // Enter ends the word being composed, not the question
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      submit();
    }
    if (event.key === 'ArrowUp' && question === '' && lastQuestion !== '') {
      event.preventDefault();
      setQuestion(lastQuestion);
    }
  }

  return (
    <form
      className={styles['form']}
      aria-label="Ask a question"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <DocumentScope documents={documents} onInclude={onInclude} />
      <div className={styles['box']}>
        <textarea
          ref={field}
          className={styles['field']}
          aria-label="Question"
          aria-describedby="question-hint"
          rows={1}
          maxLength={LONGEST_QUESTION}
          placeholder="Ask a question…"
          value={question}
          onChange={(event) => setQuestion(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {isBusy ? <StopButton onStop={onStop} /> : <AskButton canAsk={canAsk} />}
      </div>
      <p id="question-hint" className={styles['hint']}>
        {hintText(isBusy, waits)}
      </p>
    </form>
  );
}

function StopButton({ onStop }: { onStop: () => void }): JSX.Element {
  return (
    <Button onClick={onStop} className={styles['button']} title="Esc">
      <Square size={12} fill="currentColor" aria-hidden="true" /> Stop
    </Button>
  );
}

function AskButton({ canAsk }: { canAsk: boolean }): JSX.Element {
  return (
    <Button look="primary" type="submit" disabled={!canAsk} className={styles['button']}>
      <ArrowUp size={16} aria-hidden="true" /> Ask
    </Button>
  );
}

function hintText(isBusy: boolean, waits: boolean): string {
  if (isBusy) return 'Esc stops the answer';
  return waits ? 'It will be answered as soon as the reading is done.' : 'Enter asks · Shift+Enter for a new line';
}
