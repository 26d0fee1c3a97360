/** What is said when the engine stops and comes back. */
import { expect, it } from 'vitest';
import { listeners } from '../../listeners.ts';
import { watchEngine } from './engine-store.ts';

it('says that the engine stopped and that it is back, has documents read again, and can be told to be quiet', () => {
  const closed = listeners<{ lost: 'engine' | 'connection'; reason: string }>();
  const back = listeners<void>();
  let timesBack = 0;
  const engine = watchEngine({ onRuntimeClosed: closed.add, onRuntimeBack: back.add }, () => (timesBack += 1));
  expect(engine.state.getState()).toEqual({ kind: 'running' });
  closed.tell({ lost: 'connection', reason: 'it was ended by SIGKILL' });
  expect(engine.state.getState()).toEqual({ kind: 'stopped', lost: 'connection', reason: 'it was ended by SIGKILL' });
  back.tell();
  expect(engine.state.getState()).toEqual({ kind: 'back', lost: 'connection' });
  expect(timesBack).toBe(1);
  engine.dismiss();
  expect(engine.state.getState()).toEqual({ kind: 'running' });
});
