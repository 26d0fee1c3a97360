/** Which documents the next question is about. */
import { Menu } from '@base-ui/react/menu';
import { Check, ChevronDown } from 'lucide-react';
import type { JSX } from 'react';
import menu from '../../ui/menu.module.css';
import type { AskableDocument } from './ask-panel.tsx';
import styles from './document-scope.module.css';

/** A line of words; with several documents, a menu to include more of them. */
export function DocumentScope(props: {
  documents: readonly AskableDocument[];
  onInclude: (key: string, isIncluded: boolean) => void;
}): JSX.Element | null {
  const { documents, onInclude } = props;
  const about = documents.filter(({ isIncluded }) => isIncluded);
  const words = about.length > 1 ? `${about.length} documents` : (about[0]?.name ?? '');
  if (documents.length === about.length && about.length < 2) {
    return (
      <p className={styles['scope']}>
        {about.length === 0 ? 'There is no document to ask yet' : 'About'} <span className={styles['name']}>{words}</span>
      </p>
    );
  }
  return (
    <Menu.Root>
      <Menu.Trigger className={`${styles['scope']} ${styles['trigger']}`} title="Choose the documents this question is about">
        {about.length === 0 ? 'Choose what to ask' : 'About'} <span className={styles['name']}>{words}</span>
        <ChevronDown size={14} aria-hidden="true" />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="start" side="top" className={menu['positioner']}>
          <Menu.Popup className={menu['popup']} aria-label="Documents to ask">
            <Menu.Group>
              <Menu.GroupLabel className={menu['heading']}>Ask these documents together</Menu.GroupLabel>
              {documents.map(({ key, name, isIncluded }) => (
                <Menu.CheckboxItem
                  key={key}
                  checked={isIncluded}
                  onCheckedChange={(isNow) => onInclude(key, isNow)}
                  className={menu['item']}
                >
                  <span className={styles['box']}>
                    <Menu.CheckboxItemIndicator className={menu['indicator']}>
                      <Check size={14} />
                    </Menu.CheckboxItemIndicator>
                  </span>
                  <span className={menu['label']} title={name}>
                    {name}
                  </span>
                </Menu.CheckboxItem>
              ))}
            </Menu.Group>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
