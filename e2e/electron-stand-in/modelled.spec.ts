/**
 * The stand-in stays honest: what it does not model throws, by name, instead of doing nothing.
 */
import { expect, test } from 'vitest';
import { ModelledEmitter, allowOnly, modelled } from './modelled.ts';

test('unknown members throw when read, called or set; known ones work', () => {
  const app: Record<string, unknown> & { volume: number } = modelled('app', { volume: 1 });
  app.volume = 2;
  expect(app.volume).toBe(2);
  expect(() => app['dock']).toThrow('app.dock is not modelled');
  expect(() => (app['badge'] = 3)).toThrow('app.badge = ... is not modelled');
});

test('listening for an event that is neither emitted nor known never to happen throws', () => {
  const emitter = new ModelledEmitter('app', { emitted: ['quit'], neverHere: ['open-file'] });
  const heard: string[] = [];
  emitter.on('quit', () => heard.push('quit')).on('open-file', () => heard.push('open-file'));
  emitter.emit('quit');
  expect(heard).toEqual(['quit']);
  expect(() => emitter.once('login', () => {})).toThrow("app: event 'login' is not modelled");
});

test('options that would be ignored throw', () => {
  expect(() => allowOnly('BrowserWindow', { width: 1 }, ['width'])).not.toThrow();
  expect(() => allowOnly('BrowserWindow', { width: 1, kiosk: true }, ['width'])).toThrow('BrowserWindow: option kiosk is not modelled');
});
