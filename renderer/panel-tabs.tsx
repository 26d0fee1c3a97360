/** Ways to the panels where the window is too narrow to show them all. Hidden by the stylesheet where it is wide enough. */
import { Files, MessageCircleQuestionMark, StickyNote } from 'lucide-react';
import type { JSX } from 'react';
import styles from './panel-tabs.module.css';

/** A panel of the page. */
export type PanelName = 'documents' | 'pages' | 'ask';

const PANELS = [
  { name: 'documents', words: 'Documents', Icon: Files },
  { name: 'pages', words: 'Pages', Icon: StickyNote },
  { name: 'ask', words: 'Ask', Icon: MessageCircleQuestionMark },
] as const;

/** A row of buttons at the bottom. */
export function PanelTabs({ panel, onPanel }: { panel: PanelName; onPanel: (panel: PanelName) => void }): JSX.Element {
  return (
    <nav aria-label="Panels" className={styles['tabs']}>
      {PANELS.map(({ name, words, Icon }) => (
        <button
          key={name}
          type="button"
          className={styles['tab']}
          data-name={name}
          aria-current={name === panel ? 'true' : undefined}
          onClick={() => onPanel(name)}
        >
          <Icon size={18} aria-hidden="true" />
          {words}
        </button>
      ))}
    </nav>
  );
}
