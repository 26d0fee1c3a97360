/**
 * Who may speak to the local server: the browser that followed the printed link, and no other page or machine.
 *
 * Any web page that the person visits can send requests to 127.0.0.1, and through DNS rebinding under a name of its
 * own. So every request must name this server as its Host, carry a cookie that only the printed link gives, and, where
 * it changes something, come from a page of this server (Origin). Knows headers; nothing of what is served.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** The sessions of one server. */
export interface WebSessions {
  /** A link that opens the page in one browser, once. */
  newLink(): string;
  /** Exchanges a link's token for a Set-Cookie value; null where the token is unknown or used. */
  redeem(token: string): string | null;
  /** Whether the request carries the cookie of a session. */
  hasSession(request: IncomingMessage): boolean;
  /** Whether the request names this server by an address that leads nowhere else. */
  isForThisServer(request: IncomingMessage): boolean;
  /** Whether a page of this very server sent the request. Browsers always say, with every WebSocket and every POST. */
  isFromOwnPage(request: IncomingMessage): boolean;
}

/** Sessions for the server on this port of 127.0.0.1. They last as long as it does; only hashes of secrets are kept. */
export function createWebSessions(port: number): WebSessions {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  // Cookies do not tell ports apart: another Recto on this machine must not overwrite ours.
  const cookieName = `recto-session-${port}`;
  const tokens: Buffer[] = [];
  const sessions: Buffer[] = [];

  return {
    newLink() {
      const token = secret();
      tokens.push(hash(token));
      return `http://127.0.0.1:${port}/?token=${token}`;
    },
    redeem(token) {
      const index = indexOf(tokens, token);
      if (index === -1) return null;
      tokens.splice(index, 1);
      const session = secret();
      sessions.push(hash(session));
      return `${cookieName}=${session}; Path=/; HttpOnly; SameSite=Strict`;
    },
    hasSession(request) {
      return cookiesOf(request, cookieName).some((session) => indexOf(sessions, session) !== -1);
    },
    isForThisServer(request) {
      return hosts.includes(request.headers.host ?? '');
    },
    isFromOwnPage(request) {
      return request.headers.origin !== undefined && request.headers.origin === `http://${request.headers.host}`;
    },
  };
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

function hash(value: string): Buffer {
  return createHash('sha256').update(value).digest();
}

function indexOf(hashes: readonly Buffer[], value: string): number {
  const wanted = hash(value);
  return hashes.findIndex((known) => timingSafeEqual(known, wanted));
}

function cookiesOf(request: IncomingMessage, name: string): string[] {
  return (request.headers.cookie ?? '')
    .split(';')
    .map((cookie) => cookie.trim().split('='))
    .filter(([key]) => key === name)
    .map(([, ...value]) => value.join('='));
}
