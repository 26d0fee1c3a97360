/**
 * What the system is told while work is under way: do not fall asleep, and show that something goes on.
 *
 * Short work passes without a sign. How far the work is, the page shows itself.
 */
import { powerSaveBlocker } from 'electron';
import type { BrowserWindow } from 'electron';

const signsAfterMs = 1000;

/** Gives the signs of work for the window there is. Returns what tells it whether work is under way. */
export function createBusySigns(window: () => BrowserWindow | undefined): (isBusy: boolean) => void {
  let waiting: NodeJS.Timeout | undefined;
  let blocker: number | undefined;
  return (isBusy) => {
    clearTimeout(waiting);
    if (isBusy) {
      waiting = setTimeout(() => {
        blocker ??= powerSaveBlocker.start('prevent-app-suspension');
        window()?.setProgressBar(2); // above 1: under way, no telling how far
      }, signsAfterMs);
      return;
    }
    if (blocker !== undefined) powerSaveBlocker.stop(blocker);
    blocker = undefined;
    window()?.setProgressBar(-1);
  };
}
