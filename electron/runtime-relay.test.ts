/**
 * Every call ends on the page that made it, and on no other.
 */
import type { ClientMessage, RuntimeMessage } from 'model-runtime/contract';
import { expect, test } from 'vitest';
import { relayCalls } from './runtime-relay.ts';
import type { RuntimeRelay } from './runtime-relay.ts';

interface Ends {
  relay: RuntimeRelay;
  toPage: RuntimeMessage[];
  toRuntime: ClientMessage[];
  busy: boolean[];
  isRunning: boolean;
}

function connect(): Ends {
  const ends: Omit<Ends, 'relay'> = { toPage: [], toRuntime: [], busy: [], isRunning: true };
  const relay = relayCalls({
    toPage: (message) => ends.toPage.push(message),
    toRuntime: (message) => ends.isRunning && ends.toRuntime.push(message) > 0,
    onBusy: (isBusy) => ends.busy.push(isBusy),
  });
  return Object.assign(ends, { relay });
}

const call = (callId: number, name = 'ask'): ClientMessage => ({ kind: 'call', callId, name, params: { callId } });

test('events and the result come back under the number of the page', () => {
  const { relay, toPage, toRuntime, busy } = connect();
  relay.fromPage(call(7));
  const [sent] = toRuntime;
  expect(sent).toMatchObject({ kind: 'call', name: 'ask', params: { callId: 7 } });
  const wireId = sent?.callId ?? 0;
  relay.fromRuntime({ kind: 'events', callId: wireId, events: ['a', 'b'] });
  relay.fromRuntime({ kind: 'result', callId: wireId, result: 'done' });
  expect(toPage).toEqual([
    { kind: 'events', callId: 7, events: ['a', 'b'] },
    { kind: 'result', callId: 7, result: 'done' },
  ]);
  expect(busy).toEqual([true, false]);
});

test('a new page does not hear the words of the calls before it, though its numbers begin again', () => {
  const { relay, toPage, toRuntime, busy } = connect();
  relay.fromPage(call(1));
  const old = toRuntime[0]?.callId ?? 0;
  relay.dropCalls();
  expect(toRuntime[1]).toEqual({ kind: 'cancel', callId: old });
  relay.fromPage(call(1));
  relay.fromRuntime({ kind: 'result', callId: old, result: 'late' });
  expect(toPage).toEqual([]);
  expect(busy).toEqual([true, false, true]);
});

test('cancelling reaches the call of that number only', () => {
  const { relay, toRuntime } = connect();
  relay.fromPage(call(1));
  relay.fromPage(call(2));
  relay.fromPage({ kind: 'cancel', callId: 2 });
  relay.fromPage({ kind: 'cancel', callId: 9 });
  expect(toRuntime.slice(2)).toEqual([{ kind: 'cancel', callId: toRuntime[1]?.callId }]);
});

test('a call that nobody can take fails at once with its code', () => {
  const ends = connect();
  ends.isRunning = false;
  ends.relay.fromPage(call(3));
  expect(ends.toPage).toMatchObject([{ kind: 'failure', callId: 3, failure: { code: 'runtime-stopped' } }]);
  expect(ends.busy).toEqual([]);
});

test('when the runtime has ended, its calls are no more', () => {
  const { relay, busy, toRuntime } = connect();
  relay.fromPage(call(1));
  relay.forgetCalls();
  relay.fromPage({ kind: 'cancel', callId: 1 });
  expect(busy).toEqual([true, false]);
  expect(toRuntime).toHaveLength(1);
});
