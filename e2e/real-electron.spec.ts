/**
 * What only real Electron can prove: that the page is walled in. Over the stand-in these show as skipped.
 */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { isElectronHere, openApp } from './app-fixture.ts';

/** Runs in a script of the page's own, where its policy holds; debugging tools are let through it. */
function inPage(page: Page, attempt: string): Promise<string> {
  return page.evaluate(
    (name) =>
      new Promise<string>((resolve) => {
        const attempts: Record<string, () => unknown> = {
          eval: () => (0, eval)('1'),
          fetch: () => fetch('https://example.com/'),
          file: () => fetch('file:///etc/hostname'),
          open: () => window.open('https://example.com/'),
          location: () =>
            navigator.geolocation.getCurrentPosition.call(
              navigator.geolocation,
              () => resolve('granted'),
              () => resolve('denied'),
            ),
          notification: () => Notification.requestPermission(),
        };
        setTimeout(() => {
          const made = new Promise((settle) => settle(attempts[name]?.()));
          made.then(
            (value) => (name === 'location' ? undefined : resolve(String(value))),
            (error: Error) => resolve(error.name),
          );
        });
      }),
    attempt,
  );
}

describe.runIf(isElectronHere)('real Electron only: the page is walled in', () => {
  test('it has an origin of its own, and neither Node nor Electron', async () => {
    const { page } = await openApp();
    expect(await page.evaluate(() => location.origin)).toBe('app://recto');
    expect(await page.evaluate(() => ['require', 'process', 'module', 'Buffer'].filter((name) => name in window))).toEqual([]);
    expect(await page.evaluate(() => Object.isFrozen((window as unknown as { desktop: object }).desktop))).toBe(true);
  });

  test('its policy stops code from text, other origins and files', async () => {
    const { page } = await openApp();
    expect(await inPage(page, 'eval')).toBe('EvalError');
    expect(await inPage(page, 'fetch')).toBe('TypeError');
    expect(await inPage(page, 'file')).toBe('TypeError');
  });

  test('it is granted nothing', async () => {
    const { page } = await openApp();
    expect(await inPage(page, 'notification')).toBe('denied');
    expect(await inPage(page, 'location')).toBe('denied');
  });

  test('it opens no windows and goes nowhere', async () => {
    const { page } = await openApp();
    expect(await inPage(page, 'open')).toBe('null');
    await page.evaluate(() => {
      location.href = 'https://example.com/';
    });
    await page.getByRole('button', { name: 'Choose PDFs…' }).waitFor();
    expect(page.url()).toBe('app://recto/');
  });
});
