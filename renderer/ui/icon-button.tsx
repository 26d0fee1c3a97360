/** A small button with a picture only; its name is read out and shown when pointed at or focused. */
import { Tooltip } from '@base-ui/react/tooltip';
import type { ComponentProps, JSX, ReactNode } from 'react';
import styles from './icon-button.module.css';

/** What an icon button takes beside what every button takes. */
export type IconButtonProps = Omit<ComponentProps<'button'>, 'aria-label'> & { label: string; children: ReactNode };

/** A button whose name is `label`. */
export function IconButton({ label, children, className, ...rest }: IconButtonProps): JSX.Element {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger
        delay={500}
        render={
          <button type="button" {...rest} aria-label={label} className={[styles['button'], className].join(' ')}>
            {children}
          </button>
        }
      />
      <Tooltip.Portal>
        <Tooltip.Positioner sideOffset={6} className={styles['positioner']}>
          <Tooltip.Popup className={styles['tip']}>{label}</Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
