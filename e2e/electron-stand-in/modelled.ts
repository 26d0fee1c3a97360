/**
 * What keeps the stand-in honest: whatever it does not model throws, by name, where it is used.
 *
 * A stand-in that quietly does nothing lets specs pass that prove nothing. Objects are wrapped so that an unknown
 * member throws; events have to be named as emitted, or as never happening here with the reason in the caller's comment.
 */
import { EventEmitter } from 'node:events';

/** The error of everything that real Electron has and the stand-in has not. */
export function notModelled(what: string): Error {
  return new Error(`electron stand-in: ${what} is not modelled; model it in e2e/electron-stand-in, or leave it to real Electron`);
}

/** The object with every member it lacks throwing when read, set or called. */
export function modelled<Value extends object>(name: string, value: Value): Value {
  return new Proxy(value, {
    get(target, key, receiver) {
      // `then` is asked of anything that is awaited; symbols are the language's own.
      if (typeof key === 'symbol' || key in target || key === 'then') return Reflect.get(target, key, receiver);
      throw notModelled(`${name}.${key}`);
    },
    set(target, key, newValue, receiver) {
      if (typeof key === 'symbol' || key in target) return Reflect.set(target, key, newValue, receiver);
      throw notModelled(`${name}.${key} = ...`);
    },
  });
}

/** Throws for any key of `given` that is not among `known`: an option that would be ignored. */
export function allowOnly(what: string, given: object, known: readonly string[]): void {
  for (const key of Object.keys(given)) if (!known.includes(key)) throw notModelled(`${what}: option ${key}`);
}

/** Event names of one emitter: those it really emits, and those that cannot happen over Chromium on one machine. */
export interface EventNames {
  emitted: readonly string[];
  neverHere: readonly string[];
}

/** An emitter that refuses listeners for events it knows nothing of. */
export class ModelledEmitter extends EventEmitter {
  constructor(name: string, events: EventNames) {
    super();
    this.on('newListener', (event: string | symbol) => {
      if (typeof event === 'string' && event !== 'newListener' && ![...events.emitted, ...events.neverHere].includes(event))
        throw notModelled(`${name}: event '${event}'`);
    });
  }
}

/** The event object of something that listeners may prevent. */
export class PreventableEvent {
  defaultPrevented = false;
  preventDefault(): void {
    this.defaultPrevented = true;
  }
}
