/**
 * What a reader sees in form fields and free text notes, as runs at their place on the page.
 *
 * Such text is no part of a page's content stream: the values lie in annotations. Hidden fields, passwords and
 * comments that only show when clicked are left out. PDF 32000-1, 12.5 (annotations) and 12.7 (forms).
 */
import { formFieldFont } from './text-run.ts';
import type { TextRun } from './text-run.ts';

/** The part of an annotation, as the parser gives it, that matters here. */
export interface FieldAnnotation {
  subtype?: string;
  rect: number[];
  hidden?: boolean;
  noView?: boolean;
  fieldType?: string | null;
  fieldValue?: unknown;
  password?: boolean;
  checkBox?: boolean;
  radioButton?: boolean;
  exportValue?: unknown;
  buttonValue?: unknown;
  combo?: boolean;
  options?: { exportValue: unknown; displayValue: unknown }[];
  textContent?: string[];
  defaultAppearanceData?: { fontSize?: number };
}

const defaultSizePt = 10;
const letterWidth = 0.5;

/**
 * The visible text of annotations as runs. `toPage` turns a rectangle of PDF space into one of the page as it is shown
 * (two corners, in any order).
 */
export function fieldRuns(annotations: readonly FieldAnnotation[], toPage: (rect: number[]) => number[]): TextRun[] {
  const runs: TextRun[] = [];
  for (const annotation of annotations) {
    if (annotation.hidden || annotation.noView || annotation.password) continue;
    const lines = visibleLines(annotation);
    if (lines.length === 0) continue;
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = toPage(annotation.rect);
    const box = { left: Math.min(x1, x2), top: Math.min(y1, y2), width: Math.abs(x2 - x1), height: Math.abs(y2 - y1) };
    runs.push(...placeLines(lines, box, annotation.defaultAppearanceData?.fontSize));
  }
  return runs;
}

function visibleLines(annotation: FieldAnnotation): string[] {
  if (annotation.subtype === 'FreeText') return nonEmpty(annotation.textContent ?? []);
  if (annotation.subtype !== 'Widget') return [];
  if (annotation.checkBox || annotation.radioButton) return [isChecked(annotation) ? '[x]' : '[ ]'];
  if (annotation.fieldType === 'Tx' && typeof annotation.fieldValue === 'string')
    return nonEmpty(annotation.fieldValue.split(/\r\n|\r|\n/));
  if (annotation.fieldType === 'Ch') return nonEmpty(chosenOptions(annotation));
  return [];
}

function nonEmpty(lines: readonly string[]): string[] {
  return lines.filter((line) => line.trim() !== '');
}

function isChecked({ fieldValue, exportValue, buttonValue }: FieldAnnotation): boolean {
  if (typeof fieldValue !== 'string' || fieldValue === 'Off' || fieldValue === '') return false;
  const own = exportValue ?? buttonValue;
  return own === undefined || own === null || own === fieldValue;
}

/** What a choice shows: a list all of its options, a closed box the chosen one. */
function chosenOptions({ fieldValue, combo, options = [] }: FieldAnnotation): string[] {
  if (combo === false && options.length > 0) return options.map(({ displayValue }) => String(displayValue));
  const chosen = Array.isArray(fieldValue) ? fieldValue : [fieldValue];
  return chosen
    .filter((value): value is string => typeof value === 'string')
    .map((value) => {
      const shown = options.find((option) => option.exportValue === value)?.displayValue;
      return typeof shown === 'string' ? shown : value;
    });
}

function placeLines(
  lines: readonly string[],
  box: { left: number; top: number; width: number; height: number },
  wantedSize: number | undefined,
): TextRun[] {
  const room = box.height / lines.length;
  const size = Math.max(4, Math.min(wantedSize || defaultSizePt, room * 0.85));
  return lines.map((text, index) => ({
    text,
    x: box.left + 1,
    y: box.top + room * index + room / 2 + size * 0.35,
    angle: 0,
    length: Math.max(1, Math.min(box.width - 2, text.length * size * letterWidth)),
    size,
    font: formFieldFont,
    isRightToLeft: false,
    isVertical: false,
  }));
}
