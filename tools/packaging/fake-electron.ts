/**
 * A made-up Electron for Linux as a zip, enough for packaging: the files that are renamed and the fuses that are blown.
 * It starts nothing. The zip is stored, not compressed (APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16).
 */
import { Buffer } from 'node:buffer';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** What marks the fuses in Electron's binary, their version, how many there are, and each as '0' or '1'. */
const fuseWire = `dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001\u0009${'1'.repeat(9)}`;

const files = [
  { name: 'electron', mode: 0o755, content: `#!/bin/sh\n# not Electron\n${fuseWire}\n` },
  { name: 'LICENSE', mode: 0o644, content: 'none\n' },
  { name: 'LICENSES.chromium.html', mode: 0o644, content: '\n' },
  { name: 'resources/default_app.asar', mode: 0o644, content: '\n' },
];

/** Writes it where the packager looks for the Electron of that version, for this machine's architecture. */
export function writeFakeElectron(folder: string, version: string): void {
  const entries = [...files, { name: 'version', mode: 0o644, content: version }];
  const path = join(folder, `electron-v${version}-linux-${process.arch}.zip`);
  writeFileSync(path, storedZip(entries.map(({ content, ...entry }) => ({ ...entry, content: Buffer.from(content, 'latin1') }))));
}

function storedZip(entries: { name: string; mode: number; content: Buffer }[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, mode, content } of entries) {
    const nameBytes = Buffer.from(name);
    // Version needed, flags, method 0 (stored), time, date (1980-01-01), checksum, sizes, name length, no extra field.
    const shared = numbers(
      [10, 2],
      [0, 2],
      [0, 2],
      [0, 2],
      [0x21, 2],
      [crc32(content), 4],
      [content.length, 4],
      [content.length, 4],
      [nameBytes.length, 2],
      [0, 2],
    );
    const local = Buffer.concat([numbers([0x04034b50, 4]), shared, nameBytes, content]);
    // Made by Unix; no comment, disk 0, no internal attributes; the mode of a regular file; where it begins.
    const tail = numbers([0, 2], [0, 2], [0, 2], [((0o100000 | mode) << 16) >>> 0, 4], [offset, 4]);
    directory.push(numbers([0x02014b50, 4], [0x0314, 2]), shared, tail, nameBytes);
    parts.push(local);
    offset += local.length;
  }
  const sizeBytes = directory.reduce((sum, part) => sum + part.length, 0);
  const end = numbers([0x06054b50, 4], [0, 2], [0, 2], [entries.length, 2], [entries.length, 2], [sizeBytes, 4], [offset, 4], [0, 2]);
  return Buffer.concat([...parts, ...directory, end]);
}

/** Little-endian numbers, each with its width in bytes. */
function numbers(...fields: [value: number, widthBytes: 2 | 4][]): Buffer {
  const bytes = Buffer.alloc(fields.reduce((sum, [, width]) => sum + width, 0));
  let at = 0;
  for (const [value, width] of fields) at = width === 2 ? bytes.writeUInt16LE(value, at) : bytes.writeUInt32LE(value, at);
  return bytes;
}
