/**
 * The Chromium under the stand-in: one browser, one page, spoken to over its debugging protocol.
 *
 * The page's script world is told apart only by name here: the preload runs in the page's own world, before the page's
 * scripts. What the protocol carries is JSON, and anything else is refused (page-script.ts).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import type { ChromiumHere } from '../chromium.ts';

const bindingName = '__electronStandInPost';

/** A running Chromium. */
export interface ChromiumBrowser {
  /** Where another program can attach (connectOverCDP). */
  debuggingUrl: string;
  openPage(): Promise<ChromiumPage>;
  close(): Promise<void>;
}

/** Its one page. */
export interface ChromiumPage {
  /** Script to run at the start of every document, and what to do with what it posts. */
  prepare(script: string, onMessage: (message: unknown) => void): Promise<void>;
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  url(): string;
  /** Evaluates in the page, in the order of the calls; nothing where the page is gone. */
  evaluate(expression: string): void;
  emulateColorScheme(scheme: 'light' | 'dark' | null): Promise<void>;
  onClose(listener: () => void): void;
  close(): Promise<void>;
}

/** Starts Chromium with its profile in that folder, which is whoever's it is to remove. */
export async function launchChromium(here: ChromiumHere, profile: string): Promise<ChromiumBrowser> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: here.path,
    chromiumSandbox: here.canSandbox,
    // Besides the pipe that ends Chromium with us, a port for the specs. No name but our own machine's resolves.
    args: ['--remote-debugging-port=0', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1', ...here.args],
    env: { ...process.env, ...here.env },
    viewport: { width: 1180, height: 760 },
    acceptDownloads: false,
  });
  const [port = ''] = (await readFile(join(profile, 'DevToolsActivePort'), 'utf8')).split('\n');
  return {
    debuggingUrl: `http://127.0.0.1:${port}`,
    openPage: () => takePage(context),
    close: () => context.close(),
  };
}

async function takePage(context: BrowserContext): Promise<ChromiumPage> {
  const page = context.pages()[0] ?? (await context.newPage());
  const session = await context.newCDPSession(page);
  return {
    async prepare(script, onMessage) {
      session.on('Runtime.bindingCalled', ({ name, payload }) => {
        if (name === bindingName) onMessage(JSON.parse(payload));
      });
      await session.send('Runtime.enable');
      await session.send('Runtime.addBinding', { name: bindingName });
      await session.send('Page.enable');
      await session.send('Page.addScriptToEvaluateOnNewDocument', { source: script });
    },
    goto: async (url) => void (await page.goto(url, { waitUntil: 'domcontentloaded' })),
    reload: async () => void (await page.reload({ waitUntil: 'domcontentloaded' })),
    url: () => page.url(),
    evaluate: (expression) => evaluate(session, page, expression),
    emulateColorScheme: (scheme) => page.emulateMedia({ colorScheme: scheme }),
    onClose: (listener) => void page.on('close', listener),
    close: () => page.close(),
  };
}

function evaluate(session: CDPSession, page: Page, expression: string): void {
  session
    .send('Runtime.evaluate', { expression })
    .then(({ exceptionDetails }) => {
      if (exceptionDetails !== undefined) console.error('electron stand-in, in the page:', exceptionDetails.exception?.description);
    })
    .catch((error: unknown) => {
      if (!page.isClosed()) console.error('electron stand-in:', error);
    });
}

/** The name of the function by which the page posts to the shell. */
export const postFunction: string = bindingName;
