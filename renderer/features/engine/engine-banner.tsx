/** Says that the engine stopped, and that it is back. */
import { RefreshCw, X } from 'lucide-react';
import { type JSX, useEffect } from 'react';
import { useStore } from 'zustand';
import { IconButton } from '../../ui/icon-button.tsx';
import type { Engine } from './engine-store.ts';
import styles from './engine-banner.module.css';

const NEWS_LASTS_MS = 12_000;

const WORDS = {
  engine: {
    stopped: 'Recto’s engine stopped. It is being started again…',
    back: 'Recto’s engine stopped and was started again.',
  },
  connection: {
    stopped: 'The connection to Recto was lost. Trying again… If Recto was ended, start it again and follow its new link.',
    back: 'The connection to Recto was lost and is back.',
  },
} as const;

/** The banner; nothing while all is well. `hasDocuments`: whether there is anything to read again. */
export function EngineBanner({ engine, hasDocuments }: { engine: Engine; hasDocuments: boolean }): JSX.Element | null {
  const state = useStore(engine.state);
  useEffect(() => {
    if (state.kind !== 'back') return undefined;
    const timer = window.setTimeout(engine.dismiss, NEWS_LASTS_MS);
    return () => window.clearTimeout(timer);
  }, [engine, state]);

  if (state.kind === 'running') return null;
  const text = `${WORDS[state.lost][state.kind]}${state.kind === 'back' && hasDocuments ? ' Open documents are being read again.' : ''}`;
  return (
    <output className={styles['banner']} data-state={state.kind} title={state.kind === 'stopped' ? state.reason : undefined}>
      <RefreshCw size={16} aria-hidden="true" className={styles['sign']} />
      <span>{text}</span>
      {state.kind === 'back' ? (
        <IconButton label="Dismiss" onClick={engine.dismiss} className={styles['dismiss']}>
          <X size={16} />
        </IconButton>
      ) : null}
    </output>
  );
}
