/** A button with words. Knows nothing of what it does. */
import type { ComponentProps, JSX } from 'react';
import styles from './button.module.css';

/** `primary`: the one thing to do here. `plain`: another. `quiet`: there when looked for. */
export type ButtonLook = 'primary' | 'plain' | 'quiet';

/** A native button in one of three looks. */
export function Button({ look = 'plain', className, ...rest }: ComponentProps<'button'> & { look?: ButtonLook }): JSX.Element {
  return <button type="button" {...rest} className={[styles['button'], styles[look], className].join(' ')} />;
}
