/**
 * Small PDFs made on the spot: as many pages as a spec wants, locked if it wants.
 *
 * Version 1.4, Helvetica, streams uncompressed. Locking is the standard security handler, revision 3 with RC4 of 128
 * bits: old, but it is the password that is tried here and not the cipher. Source: ISO 32000-1, 7.5 and 7.6.3.
 */
import { createHash } from 'node:crypto';

/** What the PDF holds. */
export interface MadePdf {
  /** Lines of each page; some 60 of them fit. */
  pages: string[][];
  /** The password that opens it; none where absent. */
  password?: string;
}

const padding = Buffer.from('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a', 'hex');
const fileId = Buffer.from('recto-e2e-sample'); // 16 bytes, as usual
const permissions = -4;

/** The bytes of the file. */
export function makePdf({ pages, password }: MadePdf): Buffer {
  const lock = password === undefined ? null : makeLock(password);
  const objects: Buffer[] = [];
  const add = (body: string | Buffer): number => objects.push(Buffer.from(body as string, 'latin1'));
  const firstPage = 4; // catalogue, page tree, font; then a page and its stream by turns
  const kids = pages.map((_, index) => `${firstPage + 2 * index} 0 R`).join(' ');
  add('<< /Type /Catalog /Pages 2 0 R >>');
  add(`<< /Type /Pages /Kids [${kids}] /Count ${pages.length} /MediaBox [0 0 595 842] >>`);
  add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>');
  for (const lines of pages) {
    const page = add(`<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 3 0 R >> >> /Contents ${objects.length + 2} 0 R >>`);
    const text = Buffer.from(contentOf(lines), 'latin1');
    const stream = lock === null ? text : lock.encrypt(text, page + 1);
    add(Buffer.concat([Buffer.from(`<< /Length ${stream.length} >>\nstream\n`), stream, Buffer.from('\nendstream')]));
  }
  const encryptRef = lock === null ? '' : ` /Encrypt ${add(lock.dictionary)} 0 R`;
  return assemble(objects, `/Root 1 0 R${encryptRef} /ID [<${fileId.toString('hex')}> <${fileId.toString('hex')}>]`);
}

function contentOf(lines: readonly string[]): string {
  const shown = lines.map((line) => `(${line.replaceAll(/[\\()]/g, '\\$&')}) Tj T*`).join('\n');
  return `BT /F1 11 Tf 13 TL 60 780 Td\n${shown}\nET`;
}

function assemble(objects: readonly Buffer[], trailer: string): Buffer {
  const parts = [Buffer.from('%PDF-1.4\n')];
  let at = parts[0]?.length ?? 0;
  const offsets = objects.map((body, index) => {
    const whole = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), body, Buffer.from('\nendobj\n')]);
    const offset = at;
    parts.push(whole);
    at += whole.length;
    return offset;
  });
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  parts.push(
    Buffer.from(`xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${size} ${trailer} >>\nstartxref\n${at}\n%%EOF\n`),
  );
  return Buffer.concat(parts);
}

interface Lock {
  dictionary: string;
  encrypt(content: Buffer, objectNumber: number): Buffer;
}

function makeLock(password: string): Lock {
  const padded = Buffer.concat([Buffer.from(password, 'latin1'), padding]).subarray(0, 32);
  const ownerKey = md5Times(padded, 51);
  const owner = rounds(padded, ownerKey);
  const permissionBytes = Buffer.alloc(4);
  permissionBytes.writeInt32LE(permissions);
  const key = md5Times(Buffer.concat([padded, owner, permissionBytes, fileId]), 51);
  const user = Buffer.concat([rounds(md5Times(Buffer.concat([padding, fileId]), 1), key), Buffer.alloc(16)]);
  return {
    dictionary: `<< /Filter /Standard /V 2 /R 3 /Length 128 /P ${permissions} /O <${owner.toString('hex')}> /U <${user.toString('hex')}> >>`,
    encrypt(content, objectNumber) {
      const number = Buffer.from([objectNumber & 255, (objectNumber >> 8) & 255, (objectNumber >> 16) & 255, 0, 0]);
      return rc4(md5Times(Buffer.concat([key, number]), 1), content);
    },
  };
}

function md5Times(data: Buffer, times: number): Buffer {
  let digest = data;
  for (let round = 0; round < times; round++) digest = createHash('md5').update(digest).digest();
  return digest;
}

/** Revision 3: twenty times, with every byte of the key turned by the number of the round. */
function rounds(data: Buffer, key: Buffer): Buffer {
  let turned = data;
  for (let round = 0; round < 20; round++) {
    turned = rc4(
      key.map((byte) => byte ^ round),
      turned,
    );
  }
  return turned;
}

function rc4(key: Uint8Array, data: Buffer): Buffer {
  const box = Uint8Array.from({ length: 256 }, (_, index) => index);
  const at = (index: number): number => box[index & 255] ?? 0;
  const swap = (one: number, other: number): void => {
    [box[one], box[other]] = [at(other), at(one)];
  };
  for (let one = 0, other = 0; one < 256; one++) {
    other = (other + at(one) + (key[one % key.length] ?? 0)) & 255;
    swap(one, other);
  }
  let one = 0;
  let other = 0;
  return data.map((byte) => {
    one = (one + 1) & 255;
    other = (other + at(one)) & 255;
    swap(one, other);
    return byte ^ at(at(one) + at(other));
  }) as Buffer;
}
