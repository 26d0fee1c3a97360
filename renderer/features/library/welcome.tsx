/** What stands there before the first document: what Recto is for, in a breath, and where to begin. */
import { FilePlus2 } from 'lucide-react';
import type { JSX, ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Wordmark } from '../../ui/wordmark.tsx';
import styles from './welcome.module.css';

const PROMISES = [
  ['It reads every page', 'The whole document goes into the model, not a handful of snippets.'],
  ['Read once, ask for ever', 'Reading takes its time; after that each answer comes in moments.'],
  ['It shows where it stands', 'Answers are marked on the page they come from, so you can check.'],
] as const;

/** The welcome; the whole window takes dropped files, this only says so. */
export function Welcome({ onChoose, foot }: { onChoose: () => void; foot: ReactNode }): JSX.Element {
  return (
    <main className={styles['welcome']} aria-label="Welcome">
      <div className={styles['middle']}>
        <Wordmark large />
        <h1 className={styles['title']}>Ask your documents.</h1>
        <p className={styles['lead']}>
          Recto reads long PDFs from the first page to the last and answers what you ask about them. It all happens on this machine: nothing
          leaves it.
        </p>
        <div className={styles['target']}>
          <FilePlus2 size={30} strokeWidth={1.5} aria-hidden="true" />
          <p>Drop PDFs anywhere in this window</p>
          <Button look="primary" onClick={onChoose} className={styles['choose']}>
            Choose PDFs…
          </Button>
        </div>
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
