/**
 * The life of the runtime's process: started, listened to, started anew when it dies, ended with the app.
 *
 * A plain Node child that speaks the contract over its IPC channel. Knows processes; nothing of the messages that pass
 * (runtime-relay.ts) nor of the page. It is never orphaned: it ends when its channel closes, and on quit it is killed
 * where it does not end by itself.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { ClientMessage, RuntimeMessage } from 'model-runtime/contract';

/** How to start the runtime. */
export interface RuntimeCommand {
  nodePath: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
}

/** What the runtime's life looks like from outside. */
export interface RuntimeChildEvents {
  /** It is started; what is posted from now on reaches it. */
  onReady(): void;
  onMessage(message: RuntimeMessage): void;
  /** It has ended unasked; in words, why. Its last messages have been delivered before. */
  onClosed(reason: string): void;
}

/** The runtime's process. */
export interface RuntimeChild {
  /** Starts it where it is not running, also after it was given up. */
  start(): void;
  isRunning(): boolean;
  /** False where it is not running: the message is lost. */
  post(message: ClientMessage): boolean;
  /** Ends it for good: closes its channel, waits a little, then kills it. */
  stop(): Promise<void>;
}

/** Delays before it is started again after the first and second death in a row; after the third it is given up. */
const restartDelaysMs = [250, 1000];
/** A child that lived this long did not die of how it was started: the next death is a first one again. */
const soundAfterMs = 60_000;
/** The child may take two seconds to close what cannot be interrupted (model-runtime/src/server/child.ts). */
const killAfterMs = 2500;
/** How long the last messages of a dead child may take to arrive. */
const lastWordsMs = 500;

/** The runtime's process, not yet started. `command` is asked at every start; where it throws, the runtime is given up with that reason. */
export function watchRuntimeChild(command: () => RuntimeCommand, events: RuntimeChildEvents): RuntimeChild {
  let child: ChildProcess | undefined;
  let restart: NodeJS.Timeout | undefined;
  let deathsInARow = 0;
  let isStopped = false;

  const launch = (): void => {
    clearTimeout(restart);
    restart = undefined;
    const startedAtMs = performance.now();
    let started: ChildProcess;
    try {
      started = spawnRuntime(command());
    } catch (error) {
      events.onClosed(`it cannot be started: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    child = started;
    started.on('message', (message) => events.onMessage(message as RuntimeMessage));
    void endOf(started).then((reason) => {
      child = undefined;
      if (isStopped) return;
      deathsInARow = performance.now() - startedAtMs > soundAfterMs ? 1 : deathsInARow + 1;
      const delayMs = restartDelaysMs[deathsInARow - 1];
      if (delayMs === undefined) {
        events.onClosed(`${reason}, ${deathsInARow} times in a row; reloading the window tries again`);
        return;
      }
      events.onClosed(reason);
      restart = setTimeout(launch, delayMs);
    });
    events.onReady();
  };

  return {
    start() {
      if (child !== undefined || restart !== undefined || isStopped) return;
      deathsInARow = 0;
      launch();
    },
    isRunning: () => child !== undefined,
    post(message) {
      if (child === undefined || !child.connected) return false;
      child.send(message, () => {}); // where it cannot be delivered, the child's end says so
      return true;
    },
    async stop() {
      isStopped = true;
      clearTimeout(restart);
      if (child === undefined) return;
      const stopping = child;
      const ended = new Promise<void>((resolve) => stopping.once('exit', () => resolve()));
      const kill = setTimeout(() => stopping.kill('SIGKILL'), killAfterMs);
      if (stopping.connected) stopping.disconnect();
      await ended;
      clearTimeout(kill);
    },
  };
}

function spawnRuntime({ nodePath, args, env }: RuntimeCommand): ChildProcess {
  // Ours alone: what steers Electron or its Node is not for the child.
  const { ELECTRON_RUN_AS_NODE: _1, NODE_OPTIONS: _2, ...inherited } = env;
  // A window app on Windows has no stderr to inherit.
  const logging = process.platform === 'win32' ? 'ignore' : 'inherit';
  return spawn(nodePath, args, {
    env: inherited,
    // Not 'advanced': it writes V8's own format, and Electron's V8 runs ahead of Node's. Format 16, which newer V8 writes,
    // Node 24 refuses ("invalid or unsupported version"). The contract is plain data, which JSON carries as well.
    serialization: 'json',
    stdio: ['ignore', logging, logging, 'ipc'],
    windowsHide: true,
  });
}

/** Resolves, once the child has ended and its last messages are through, with the reason in words. */
async function endOf(child: ChildProcess): Promise<string> {
  const disconnected = new Promise<void>((resolve) => child.once('disconnect', () => resolve()));
  const reason = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`it cannot be started: ${error.message}`));
    child.once('exit', (exitCode, signal) => resolve(signal === null ? `it ended with code ${exitCode}` : `it was ended by ${signal}`));
  });
  if (child.connected) await Promise.race([disconnected, new Promise((resolve) => setTimeout(resolve, lastWordsMs))]);
  return reason;
}
