/** The encoder's graphs of one model folder, opened. */
import { join } from 'node:path';
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
  const layers: GraphSession[] = [];
  for (const file of graphs.encoderLayers) layers.push(await GraphSession.open(join(folder, file)));
  return {
    embed: await GraphSession.open(join(folder, graphs.embed)),
    entry: await GraphSession.open(join(folder, graphs.encoderEntry)),
    layers,
  };
}

/** Frees every graph of the encoder. */
export async function closeEncoder(sessions: EncoderSessions): Promise<void> {
  for (const session of [sessions.embed, sessions.entry, ...sessions.layers]) await session.close();
}
