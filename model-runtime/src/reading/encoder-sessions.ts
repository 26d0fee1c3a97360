/** The encoder's graphs of one model folder, opened. */
import { invariant } from '../errors.ts';
import type { Manifest } from '../manifest.ts';
import type { GraphFolder } from '../session/graph-folder.ts';
import type { GraphSession } from '../session/graph-session.ts';

/** One session a graph; see t5gemma2/encoder.ts for what each computes. */
export interface EncoderSessions {
  embed: GraphSession;
  entry: GraphSession;
  layers: GraphSession[];
}

/** Opens every graph of the encoder. */
export async function openEncoder(folder: GraphFolder, { graphs }: Manifest): Promise<EncoderSessions> {
  const [embed, entry, ...layers] = await folder.openAll([graphs.embed, graphs.encoderEntry, ...graphs.encoderLayers]);
  invariant(embed && entry, 'every graph is open');
  return { embed, entry, layers };
}

/** Frees every graph of the encoder. */
export async function closeEncoder(sessions: EncoderSessions): Promise<void> {
  for (const session of [sessions.embed, sessions.entry, ...sessions.layers]) await session.close();
}
