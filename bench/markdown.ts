/** Tables in Markdown, aligned as the formatter aligns them, with notes below. Knows nothing of what stands in them. */

/** The notes of one table: numbered as they come, each sentence once. */
export class Notes {
  readonly #sentences: string[] = [];

  /** The mark of a note, to stand behind what it is about. */
  mark(sentence: string): string {
    const known = this.#sentences.indexOf(sentence) + 1;
    return `<sup>${known === 0 ? this.#sentences.push(sentence) : known}</sup>`;
  }

  /** The list of them; empty where there are none. */
  list(): string {
    return this.#sentences.map((sentence, index) => `${index + 1}. ${sentence}`).join('\n');
  }
}

/** A heading, an optional sentence, a table and its notes. */
export function section(heading: string, parts: readonly string[]): string {
  return [`### ${heading}`, ...parts].filter((part) => part !== '').join('\n\n');
}

/** A table. The first line is its head; every line has as many cells. */
export function table(lines: readonly (readonly string[])[]): string {
  const [head = []] = lines;
  const widths = head.map((_, column) => Math.max(3, ...lines.map((line) => [...(line[column] ?? '')].length)));
  const row = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell + pad(cell, widths[column] ?? 0)).join(' | ')} |`;
  return [row(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...lines.slice(1).map(row)].join('\n');
}

function pad(cell: string, width: number): string {
  return ' '.repeat(width - [...cell].length);
}
