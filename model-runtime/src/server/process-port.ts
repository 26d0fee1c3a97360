/**
 * A connection over the channel between a Node process and its child (serialization 'advanced': structured clone).
 *
 * Knows both ends of that channel: the child's (`process`) and the parent's (a ChildProcess). What the messages mean:
 * contract.ts.
 */
import type { ChildProcess } from 'node:child_process';
import type { ClientMessage, MessagePortLike, RuntimeMessage } from '../contract.ts';

/** The child's end. Throws where this process was not started with a channel. */
export function connectToParent(): MessagePortLike<RuntimeMessage, unknown> {
  if (process.send === undefined)
    throw new Error('this process is a child of Recto and is not to be started by hand: it has no channel to speak over');
  return {
    post(message) {
      // A parent that is gone needs no answer; 'disconnect' ends this process.
      if (process.connected) process.send?.(message, undefined, undefined, () => {});
    },
    listen(onMessage, onClose) {
      process.on('message', onMessage);
      process.once('disconnect', () => onClose('the parent process is gone'));
    },
  };
}

/** The parent's end. Closes when the child ends or cannot be started. */
export function connectToChild(child: ChildProcess): MessagePortLike<ClientMessage, RuntimeMessage> {
  return {
    post(message) {
      if (child.connected) child.send(message, () => {});
    },
    listen(onMessage, onClose) {
      child.on('message', (message) => onMessage(message as RuntimeMessage));
      // The last messages may still be in the channel when the child has exited, and why it went is known only then:
      // so both ends are awaited, but neither for long.
      const closeOnce = once(onClose);
      let ending = 'it closed its channel';
      const closeWhenBoth = (isOtherThere: boolean): void => {
        if (isOtherThere) closeOnce(ending);
        else setTimeout(() => closeOnce(ending), 1000).unref();
      };
      child.once('error', (error) => closeOnce(`it cannot be started: ${error.message}`));
      child.once('exit', (exitCode, signal) => {
        ending = signal === null ? `it ended with code ${exitCode}` : `it was ended by ${signal}`;
        closeWhenBoth(!child.connected);
      });
      child.once('disconnect', () => closeWhenBoth(child.exitCode !== null || child.signalCode !== null));
    },
  };
}

function once(action: (reason: string) => void): (reason: string) => void {
  let isDone = false;
  return (reason) => {
    if (isDone) return;
    isDone = true;
    action(reason);
  };
}
