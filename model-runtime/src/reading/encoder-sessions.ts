/** The encoder's graphs of one model folder, opened. */
import { join } from 'node:path';
import { invariant } from '../errors.ts';
import type { Manifest } from '../manifest.ts';
import { GraphSession } from '../session/graph-session.ts';

/** One session a graph; see t5gemma2/encoder.ts for what each computes. */
export interface EncoderSessions {
  embed: GraphSession;
  entry: GraphSession;
  layers: GraphSession[];
}

/** Opens every graph of the encoder. */
export async function openEncoder(folder: string, manifest: Manifest): Promise<EncoderSessions> {
  const { graphs } = manifest;
  const files = [graphs.embed, graphs.encoderEntry, ...graphs.encoderLayers];
  const [embed, entry, ...layers] = await GraphSession.openAll(files.map((file) => join(folder, file)));
  invariant(embed && entry, 'every graph is open');
  return { embed, entry, layers };
}

/** Frees every graph of the encoder. */
export async function closeEncoder(sessions: EncoderSessions): Promise<void> {
  for (const session of [sessions.embed, sessions.entry, ...sessions.layers]) await session.close();
}
