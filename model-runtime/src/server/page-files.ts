/**
 * The built page as static files over HTTP.
 *
 * Knows one folder and never leaves it, whatever the path says and wherever a link points. Who may ask is decided
 * before (web-session.ts).
 */
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
};

/** Answers a GET or HEAD with the file of the folder that the URL's path names ('/' is index.html); says whether there is one. */
export async function sendPageFile(
  { folder, urlPath }: { folder: string; urlPath: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const file = await findPageFile(folder, urlPath === '/' ? '/index.html' : urlPath);
  if (file === undefined) return false;
  response.writeHead(200, {
    'content-type': contentTypes[path.extname(file.path).toLowerCase()] ?? 'application/octet-stream',
    'content-length': file.sizeBytes,
    // Built files carry a hash in their names; the page that names them must be asked for anew.
    'cache-control': urlPath.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-cache',
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(file.path), response);
  return true;
}

async function findPageFile(folder: string, urlPath: string): Promise<{ path: string; sizeBytes: number } | undefined> {
  const decoded = decode(urlPath);
  if (decoded === undefined || /[\0\\]/.test(decoded)) return undefined;
  const parts = decoded.split('/').filter((part) => part !== '');
  if (parts.some((part) => part.startsWith('.'))) return undefined;
  try {
    const root = await realpath(folder);
    const found = await realpath(path.join(root, ...parts));
    if (!found.startsWith(root + path.sep)) return undefined;
    const { size, isFile } = await stat(found).then((stats) => ({ size: stats.size, isFile: stats.isFile() }));
    return isFile ? { path: found, sizeBytes: size } : undefined;
  } catch {
    return undefined;
  }
}

function decode(urlPath: string): string | undefined {
  try {
    return decodeURIComponent(urlPath);
  } catch {
    return undefined;
  }
}
