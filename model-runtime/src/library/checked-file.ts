/**
 * One file of the folder of stored states: tensors, what belongs to them, and a checksum of all of it in the metadata.
 *
 * Source of the format: tensors/safetensors.ts. Which file holds what, and when it goes: stored-states.ts. SPEC L2.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { SafetensorsFile, sourceOf, writeSafetensors } from '../tensors/safetensors.ts';
import { floats } from '../tensors/tensor.ts';
import type { FloatTensor } from '../tensors/tensor.ts';

/** What people want to know of a document whose states are kept. */
export interface AboutKept {
  path: string;
  name: string;
  pageCount: number;
  tokens: number;
  model: string;
  /** Pieces that the whole document is made of; null while that is not known. */
  pieces: number | null;
}

const aboutSchema: z.ZodType<AboutKept> = z.strictObject({
  path: z.string(),
  name: z.string(),
  pageCount: z.int(),
  tokens: z.int(),
  model: z.string(),
  pieces: z.int().nullable(),
});

/** What is kept: numbers and names of whoever wrote it, and tensors. */
export interface Content {
  outline: unknown;
  tensors: ReadonlyMap<string, FloatTensor>;
}

const formatVersion = '5';

/** Writes a file whole or not at all. `text` names what was encoded. Throws what writing throws. */
export async function writeChecked(
  path: string,
  { text, about, kept: { outline, tensors } }: { text: string; about: AboutKept; kept: Content },
): Promise<void> {
  const said = { format: formatVersion, text, outline: JSON.stringify(outline), about: JSON.stringify(about) };
  const sources = [...tensors].map(([name, tensor]) => sourceOf(name, tensor));
  await writeSafetensors(path, sources, { ...said, sha256: contentSha256(said, tensors) });
}

/** What a file holds; undefined where it is not whole, or of another text. Throws what reading throws, 'model-corrupt' among it. */
export async function readChecked(path: string, textKey: string): Promise<Content | undefined> {
  const file = await SafetensorsFile.open(path);
  try {
    const { sha256: sum, ...said } = file.metadata;
    const { format, text, outline } = said;
    if (format !== formatVersion || text !== textKey) return undefined;
    const tensors = new Map<string, FloatTensor>();
    for (const [name, { shape }] of file.entries) tensors.set(name, floats(await file.readFloats(name), shape));
    return sum === contentSha256(said, tensors) ? { outline: JSON.parse(outline ?? 'null') as unknown, tensors } : undefined;
  } finally {
    await file.close();
  }
}

/** What a file says of its document, unchecked: for lists. Undefined where it cannot be read. */
export async function readAbout(path: string): Promise<AboutKept | undefined> {
  const file = await SafetensorsFile.open(path).catch(() => undefined);
  await file?.close();
  const about = aboutSchema.safeParse(parsed(file?.metadata['about'] ?? ''));
  return about.success ? about.data : undefined;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Of all that a file says: a bit that flips in its numbers is as bad as one that flips in its tensors. */
function contentSha256(said: Readonly<Record<string, string>>, tensors: ReadonlyMap<string, FloatTensor>): string {
  const hash = createHash('sha256').update(JSON.stringify(said));
  for (const [name, { shape, data }] of tensors) {
    hash.update(JSON.stringify([name, shape])).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}
