/**
 * Unpacks the Chromium of @sparticuz/chromium into the temporary folder, and the libraries that bare machines lack.
 * Run by chromium.ts, with a temporary folder of its own.
 */
import { join } from 'node:path';
import chromium, { inflate } from '@sparticuz/chromium';

await chromium.executablePath();
await inflate(join(import.meta.dirname, '..', 'node_modules', '@sparticuz', 'chromium', 'bin', 'al2023.tar.br'));
