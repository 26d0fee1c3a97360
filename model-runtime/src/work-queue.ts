/** One piece of work at a time, in the order asked for. A piece whose signal is aborted while it waits is never begun. */
import { throwIfCancelled } from './errors.ts';

/** See the file's head. */
export class WorkQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` when everything queued before it has ended, however that ended. */
  run<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const begin = (): Promise<Result> => {
      throwIfCancelled(signal);
      return work();
    };
    const result = this.#last.then(begin, begin);
    this.#last = result.catch(() => {});
    return result;
  }
}
