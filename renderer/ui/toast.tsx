/** A short message at the bottom of the window that goes away by itself, with one thing to do. */
import { X } from 'lucide-react';
import { type JSX, useEffect, useState } from 'react';
import { Button } from './button.tsx';
import { IconButton } from './icon-button.tsx';
import styles from './toast.module.css';

/** What a toast says and does. */
export interface ToastProps {
  message: string;
  action: string;
  lastsMs: number;
  onAction: () => void;
  onGone: () => void;
}

/** A toast; it stays while it is pointed at or holds the focus. */
export function Toast({ message, action, lastsMs, onAction, onGone }: ToastProps): JSX.Element {
  const [isHeld, setIsHeld] = useState(false);
  useEffect(() => {
    if (isHeld) return undefined;
    const timer = window.setTimeout(onGone, lastsMs);
    return () => window.clearTimeout(timer);
  }, [isHeld, lastsMs, onGone]);

  return (
    <output
      className={styles['toast']}
      onPointerEnter={() => setIsHeld(true)}
      onPointerLeave={() => setIsHeld(false)}
      onFocus={() => setIsHeld(true)}
      onBlur={() => setIsHeld(false)}
    >
      <span className={styles['message']}>{message}</span>
      <Button look="quiet" className={styles['action']} onClick={onAction}>
        {action}
      </Button>
      <IconButton label="Dismiss" onClick={onGone}>
        <X size={16} />
      </IconButton>
    </output>
  );
}
