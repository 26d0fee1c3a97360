/** Asks for the password of a locked document, in the place where its pages will be. */
import { LockKeyhole } from 'lucide-react';
import { type FormEvent, type JSX, useEffect, useRef, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import styles from './unlock-form.module.css';

/** What the form shows and reports. */
export interface UnlockFormProps {
  name: string;
  /** Whether a password was tried before. */
  password: 'missing' | 'wrong';
  onUnlock: (password: string) => void;
  onRemove: () => void;
}

/** The form; its field has the focus whenever it appears. */
export function UnlockForm({ name, password, onUnlock, onRemove }: UnlockFormProps): JSX.Element {
  const [typed, setTyped] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (typed !== '') onUnlock(typed);
  }

  return (
    <div className={styles['place']}>
      <form className={styles['form']} onSubmit={submit} aria-label={`Unlock ${name}`}>
        <LockKeyhole size={28} strokeWidth={1.5} aria-hidden="true" className={styles['sign']} />
        <h3 className={styles['title']}>This document is locked</h3>
        <p className={styles['lead']}>Its password opens it here; it is kept in memory only and never leaves this machine.</p>
        <label className={styles['label']}>
          <span>Password</span>
          <input
            ref={field}
            type="password"
            value={typed}
            autoComplete="off"
            aria-invalid={password === 'wrong'}
            aria-describedby={password === 'wrong' ? 'unlock-problem' : undefined}
            onChange={(event) => setTyped(event.target.value)}
            className={styles['field']}
          />
        </label>
        {password === 'wrong' ? (
          <p role="alert" id="unlock-problem" className={styles['problem']}>
            That password does not open it. Check capital letters and try again.
          </p>
        ) : null}
        <div className={styles['actions']}>
          <Button look="primary" type="submit" disabled={typed === ''}>
            Unlock
          </Button>
          <Button look="quiet" onClick={onRemove}>
            Remove from the list
          </Button>
        </div>
      </form>
    </div>
  );
}
