/** The words of a page as the model is given them: headings, paragraphs, lists, tables. */
import type { DocumentPage } from 'model-runtime/contract';
import type { JSX } from 'react';
import styles from './page-words.module.css';

/** A page's words, to be scrolled within its sheet. */
export function PageWords({ page }: { page: DocumentPage }): JSX.Element {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be within reach of the keyboard
    <section className={styles['words']} aria-label={`Words of page ${page.pageNumber}`} tabIndex={0}>
      {page.blocks.length === 0 ? <p className={styles['nothing']}>Nothing read: {page.because ?? 'nothing readable'}</p> : null}
      {page.blocks.map((block, index) => (
        <Block key={`${index}/${block.kind}`} {...block} />
      ))}
    </section>
  );
}

function Block({ kind, text }: { kind: string; text: string }): JSX.Element {
  if (kind === 'heading') return <h3>{text}</h3>;
  if (kind !== 'table') return <p>{text}</p>;
  const rows = text.split('\n').map((row) => row.split('\t'));
  return (
    <table>
      <tbody>
        {rows.map((cells, row) => (
          <tr key={`${row}/${cells[0]}`}>
            {cells.map((cell, column) => (
              <td key={`${column}/${cell}`}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
