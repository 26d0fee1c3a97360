/** The engine's version, as its package says. */
import { readFileSync } from 'node:fs';

/** Such as "0.1.0". */
export const engineVersion: string = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
  .version;
