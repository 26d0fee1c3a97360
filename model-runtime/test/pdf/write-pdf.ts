/**
 * Writes small PDFs for tests: pages of content streams, so that a test shows what stands on the page it reads.
 *
 * PDF 1.7, streams uncompressed. Fonts: F1 Helvetica, F2 Helvetica-Bold, F3 a Japanese font for vertical writing and F4 one
 * whose glyphs have no mapping to characters. None is embedded. Source: ISO 32000-1, 7.5, 9.7 and 12.7.
 */

/** A page: its content stream, and what else its dictionary holds (annotations, rotation). */
export interface WrittenPage {
  content: string;
  extra?: string;
}

const fonts = [
  '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
  '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>',
  `<< /Type /Font /Subtype /Type0 /BaseFont /KozMinPr6N-Regular /Encoding /UniJIS-UTF16-V /DescendantFonts [
     << /Type /Font /Subtype /CIDFontType0 /BaseFont /KozMinPr6N-Regular /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 6 >> >>] >>`,
  `<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 1 /LastChar 8
     /Widths [600 600 600 600 600 600 600 600] /Encoding << /Type /Encoding /Differences [1 /a1x /a2x /a3x /a4x /a5x /a6x /a7x /a8x] >> /CharProcs << >> >>`,
];

/** What a PDF holds beside its pages. `objects` are numbered from 7 on. */
export interface WrittenRest {
  title?: string;
  objects?: readonly string[];
}

/** The bytes of a PDF with these pages, 595 x 842 points each. */
export function writePdf(pages: readonly WrittenPage[], { title, objects: others = [] }: WrittenRest = {}): Uint8Array {
  const firstPage = 3 + fonts.length + others.length;
  const fontNames = fonts.map((_, index) => `/F${index + 1} ${index + 3} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Count ${pages.length} /MediaBox [0 0 595 842] /Resources << /Font << ${fontNames} >> >>
       /Kids [${pages.map((_, index) => `${firstPage + 2 * index} 0 R`).join(' ')}] >>`,
    ...fonts,
    ...others,
    ...pages.flatMap(({ content, extra = '' }, index) => [
      `<< /Type /Page /Parent 2 0 R /Contents ${firstPage + 2 * index + 1} 0 R ${extra} >>`,
      `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    ]),
    `<< ${title === undefined ? '' : `/Title (${title})`} >>`,
  ];
  return assemble(objects);
}

/** A line of text in F1 (or another font) whose baseline starts at x, y: points from the lower left, as PDF counts. */
export function line(text: string, x: number, y: number, { size = 11, font = 'F1' }: { size?: number; font?: string } = {}): string {
  return `BT /${font} ${size} Tf ${x} ${y} Td (${text.replace(/[\\()]/g, '\\$&')}) Tj ET\n`;
}

function assemble(objects: readonly string[]): Uint8Array {
  let file = '%PDF-1.7\n';
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  file += `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R /Info ${objects.length} 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
  return Uint8Array.from(file, (character) => character.charCodeAt(0));
}
