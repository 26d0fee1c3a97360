/**
 * The page's own origin, app://recto: which file answers which address, and under which rules the page then lives.
 *
 * Serves the built page and nothing else, from one folder, with a content security policy that lets it load from
 * itself alone. Knows paths and headers; who registers it: main.ts. Always answers with a Response: a rejected handler
 * would show as a broken connection.
 */
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

/** The scheme of the page's address. */
export const appScheme = 'app';
/** The origin of our page; nobody else's messages are heard. */
export const appOrigin = 'app://recto';

/** What the page may load and do. `data:` and `blob:` for page pictures, which the runtime hands over as bytes. */
export const contentSecurityPolicy: string = [
  "default-src 'self'",
  "img-src 'self' data: blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** The answer to one request of the page. `folder`: where the built page lies. */
export async function answerPageRequest(folder: string, request: { url: string; method: string }): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405, 'only GET and HEAD');
  const path = filePathOf(folder, request.url);
  if (path === null) return refusal(404, 'no such page');
  const type = contentTypes[extname(path)];
  if (type === undefined) return refusal(404, 'no such page');
  try {
    const content = await readFile(path);
    return new Response(request.method === 'HEAD' ? null : new Uint8Array(content), { status: 200, headers: headersFor(type) });
  } catch {
    return refusal(404, 'no such page');
  }
}

/** The file that an address stands for; null where it leads out of the folder or to another host. */
function filePathOf(folder: string, address: string): string | null {
  let pathname: string;
  try {
    const url = new URL(address);
    // Not `url.origin`: for schemes that Node does not know it is 'null'.
    if (`${url.protocol}//${url.host}` !== appOrigin) return null;
    pathname = decodeURIComponent(url.pathname);
  } catch {
    return null; // no address, or broken percent-encoding
  }
  if (pathname.includes('\0') || pathname.includes('\\')) return null;
  const root = normalize(folder + sep);
  const path = normalize(join(root, pathname === '/' ? 'index.html' : pathname));
  return path.startsWith(root) ? path : null;
}

function refusal(status: number, why: string): Response {
  return new Response(why, { status, headers: headersFor('text/plain; charset=utf-8') });
}

function headersFor(type: string): Record<string, string> {
  return {
    'content-type': type,
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
  };
}
