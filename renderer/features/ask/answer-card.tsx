/** One question and its answer: the words as they come, where they stand, what the model had before it, how long it took. */
import type { Answer, Citation } from 'model-runtime/contract';
import { Check, CircleHelp, Copy, RotateCcw, SearchX } from 'lucide-react';
import { type JSX, useEffect, useState } from 'react';
import { failureText } from '../../failure-text.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { countText, durationText, numberText } from '../../wording.ts';
import type { Exchange } from './ask-store.ts';
import { Citations } from './citations.tsx';
import type { CitationsProps } from './citations.tsx';
import styles from './answer-card.module.css';

/** A place that an answer points to, with all that is marked beside it. */
export interface PlaceInDocument {
  citation: Citation;
  beside: readonly Citation[];
}

/** What a card shows and reports. */
export interface AnswerCardProps {
  exchange: Exchange;
  showsDocuments: boolean;
  nameOf: (documentId: string) => string | null;
  onPlace: (place: PlaceInDocument) => void;
  /** Null while another answer is under way. */
  onAskAgain: (() => void) | null;
}

/** A card of the conversation. */
export function AnswerCard({ exchange, showsDocuments, nameOf, onPlace, onAskAgain }: AnswerCardProps): JSX.Element {
  const { question, documents, text, state } = exchange;
  return (
    <li className={styles['card']} data-state={state.kind}>
      <h3 className={styles['question']}>{question}</h3>
      {showsDocuments ? <p className={styles['about']}>{documents.map(({ name }) => name).join(', ')}</p> : null}
      <Progress exchange={exchange} />
      {text === '' ? null : (
        <p className={styles['answer']} data-streaming={state.kind === 'answering' ? '' : undefined}>
          {text}
        </p>
      )}
      {state.kind === 'answered' ? (
        <Standing answer={state.answer} nameOf={nameOf} showsDocuments={documents.length > 1} onPlace={onPlace} />
      ) : null}
      {state.kind === 'failed' ? <Failed exchange={exchange} onAskAgain={onAskAgain} /> : null}
      <Foot exchange={exchange} onAskAgain={onAskAgain} />
    </li>
  );
}

/** What an answer is worth: where it stands, and whether to rely on it. */
function Standing({ answer, ...places }: { answer: Answer } & Omit<CitationsProps, 'citations'>): JSX.Element {
  if (answer.text === '') return <p className={styles['progress']}>The model gave no answer. Try other words.</p>;
  if (answer.isAbsent) {
    return (
      <p className={styles['absent']}>
        <SearchX size={15} aria-hidden="true" />
        Try other words, or add the document that says it.
      </p>
    );
  }
  return (
    <>
      {answer.isUnsure ? (
        <p className={styles['unsure']}>
          <CircleHelp size={15} aria-hidden="true" />
          Not sure of this. Look where it stands before you rely on it.
        </p>
      ) : null}
      <Citations citations={answer.citations} {...places} />
    </>
  );
}

function Progress({ exchange: { text, state } }: { exchange: Exchange }): JSX.Element | null {
  if (state.kind === 'waiting') return <p className={styles['progress']}>Waits for the reading to be done…</p>;
  if (state.kind !== 'answering' || text !== '') return null;
  const words = state.preparing === null ? 'Looking…' : `Getting the pages ready · ${Math.floor(100 * state.preparing)}%`;
  return (
    <p className={styles['progress']}>
      <span className={styles['dots']} aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {words}
    </p>
  );
}

function Foot({ exchange: { text, state }, onAskAgain }: { exchange: Exchange; onAskAgain: (() => void) | null }): JSX.Element | null {
  if (state.kind !== 'answered' && state.kind !== 'stopped') return null;
  return (
    <footer className={styles['foot']}>
      <span className={styles['facts']}>{state.kind === 'answered' ? factsText(state.answer) : 'Stopped'}</span>
      {text === '' ? null : <CopyButton text={text} />}
      <IconButton label="Ask again" disabled={onAskAgain === null} onClick={onAskAgain ?? undefined}>
        <RotateCcw size={15} />
      </IconButton>
    </footer>
  );
}

function Failed({ exchange, onAskAgain }: { exchange: Exchange; onAskAgain: (() => void) | null }): JSX.Element | null {
  if (exchange.state.kind !== 'failed') return null;
  const { failure } = exchange.state;
  const { title, advice, mayRetry } = failureText(failure);
  return (
    <div className={styles['failed']}>
      <Notice title={title} advice={advice} details={`${failure.code}: ${failure.message}`}>
        {mayRetry ? (
          <Button disabled={onAskAgain === null} onClick={onAskAgain ?? undefined}>
            Ask again
          </Button>
        ) : null}
      </Notice>
    </div>
  );
}

/** "read 12 pages · 0.8 s · 34 tokens/s". */
function factsText({ pages, timings, finish, documentForm }: Answer): string {
  const pageCount = pages.reduce((sum, { pageNumbers }) => sum + pageNumbers.length, 0);
  const speed = timings.tokensPerSecond > 0 ? [`${numberText(timings.tokensPerSecond)} tokens/s`] : [];
  const cut = finish === 'max-tokens' ? [`cut off after ${countText(timings.tokens, 'token')}`] : [];
  const form = documentForm === 'absorbed' ? ['saving memory'] : [];
  return [`read ${countText(pageCount, 'page')}`, durationText(timings.totalMs), ...speed, ...form, ...cut].join(' · ');
}

function CopyButton({ text }: { text: string }): JSX.Element {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = window.setTimeout(() => setIsCopied(false), 2000);
    return () => window.clearTimeout(timer);
  }, [isCopied]);
  return (
    <IconButton
      label={isCopied ? 'Copied' : 'Copy answer'}
      onClick={() => void navigator.clipboard.writeText(text).then(() => setIsCopied(true))}
    >
      {isCopied ? <Check size={15} /> : <Copy size={15} />}
    </IconButton>
  );
}
