/** What stands there before the first document: what Recto is for, in a breath, and where to begin. */
import type { JSX, ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Wordmark } from '../../ui/wordmark.tsx';
import type { KeptDocuments } from './kept-store.ts';
import { ReadBefore } from './read-before.tsx';
import styles from './welcome.module.css';

const PROMISES = [
  ['It reads every page', 'The whole document goes into the model, not a handful of snippets.'],
  ['Read once, ask for ever', 'Reading takes its time; after that each answer comes in moments.'],
  ['It shows where it stands', 'Answers are marked on the page they come from, so you can check.'],
] as const;

/** What the welcome shows and reports. */
export interface WelcomeProps {
  samples: readonly { title: string; name: string }[];
  kept: KeptDocuments;
  onChoose: () => void;
  onSample: (name: string) => void;
  onOpen: (document: { path: string; name: string }) => void;
  foot: ReactNode;
}

/** The welcome; the whole window takes dropped files, this only says so. */
export function Welcome({ samples, kept, onChoose, onSample, onOpen, foot }: WelcomeProps): JSX.Element {
  return (
    <main className={styles['welcome']} aria-label="Welcome">
      <div className={styles['middle']}>
        <Wordmark large />
        <h1 className={styles['title']}>Ask your documents.</h1>
        <p className={styles['lead']}>
          Recto reads long PDFs from the first page to the last and answers what you ask about them, all on this machine. Nothing leaves it.
        </p>
        <div className={styles['target']}>
          <Picture />
          <p>Drop PDFs anywhere in this window</p>
          <Button look="primary" onClick={onChoose} className={styles['choose']}>
            Choose PDFs…
          </Button>
          <p className={styles['samples']}>
            No PDF at hand? Try
            {samples.map(({ title, name }) => (
              <Button key={name} look="quiet" className={styles['sample']} onClick={() => onSample(name)}>
                {title.charAt(0).toLowerCase() + title.slice(1)}
              </Button>
            ))}
          </p>
        </div>
        <ReadBefore kept={kept} onOpen={onOpen} />
        <ul className={styles['promises']}>
          {PROMISES.map(([title, text]) => (
            <li key={title}>
              <h2>{title}</h2>
              <p>{text}</p>
            </li>
          ))}
        </ul>
      </div>
      <footer className={styles['foot']}>{foot}</footer>
    </main>
  );
}

/** A page with one passage marked, and the answer that points to it. */
function Picture(): JSX.Element {
  return (
    <svg viewBox="0 0 180 104" width="180" height="104" aria-hidden="true" className={styles['picture']}>
      <rect x="8.5" y="3.5" width="76" height="97" rx="4" className={styles['sheet']} />
      {[17, 26, 35, 62, 71, 80, 89].map((y, index) => (
        <rect key={y} x="19" y={y} width={[30, 55, 48, 55, 52, 55, 24][index]} height="3" rx="1.5" className={styles['line']} />
      ))}
      <rect x="17" y="44" width="44" height="11" rx="2.5" className={styles['marked']} />
      <rect x="20" y="48" width="38" height="3" rx="1.5" className={styles['ink']} />
      <path d="M62 49.5 C 84 49.5 82 36.5 101 36.5" className={styles['thread']} />
      <rect x="101.5" y="19.5" width="70" height="34" rx="8" className={styles['card']} />
      <rect x="111" y="29" width="44" height="4" rx="2" className={styles['ink']} />
      <rect x="111" y="39" width="22" height="7" rx="2.5" className={styles['marked']} />
    </svg>
  );
}
