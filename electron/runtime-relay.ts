/**
 * The calls that pass between the page and the runtime: whose they are, and how each ends.
 *
 * Looks at the envelope alone: the kind and the call's number. Pages number their calls from one, each anew, while the
 * runtime outlives them; so every call gets a number of its own on the way, and what an earlier page asked for is
 * cancelled and its last words dropped.
 */
import type { ClientMessage, RuntimeMessage } from 'model-runtime/contract';

/** Where the relay's messages go. */
export interface RelayEnds {
  toPage(message: RuntimeMessage): void;
  /** False where there is no runtime to take it. */
  toRuntime(message: ClientMessage): boolean;
  /** Whether work is under way; told when it changes. */
  onBusy(isBusy: boolean): void;
}

/** The relay between one window's page and the runtime. */
export interface RuntimeRelay {
  fromPage(message: ClientMessage): void;
  fromRuntime(message: RuntimeMessage): void;
  /** The page is gone, or a new one begins: its calls are cancelled. */
  dropCalls(): void;
  /** The runtime has ended, and all calls with it; the page is told by 'runtime:closed'. */
  forgetCalls(): void;
}

/** A relay with no calls under way. */
export function relayCalls(ends: RelayEnds): RuntimeRelay {
  const pageIds = new Map<number, number>(); // the number on the wire -> the page's own
  let lastWireId = 0;

  const changeCalls = (change: () => void): void => {
    const wasBusy = pageIds.size > 0;
    change();
    if (wasBusy !== pageIds.size > 0) ends.onBusy(!wasBusy);
  };

  return {
    fromPage(message) {
      if (message.kind === 'cancel') {
        for (const [wireId, callId] of pageIds) if (callId === message.callId) ends.toRuntime({ kind: 'cancel', callId: wireId });
        return;
      }
      const wireId = ++lastWireId;
      if (ends.toRuntime({ ...message, callId: wireId })) changeCalls(() => pageIds.set(wireId, message.callId));
      else ends.toPage(notRunning(message.callId));
    },
    fromRuntime(message) {
      const callId = pageIds.get(message.callId);
      if (callId === undefined) return;
      if (message.kind !== 'events') changeCalls(() => pageIds.delete(message.callId));
      ends.toPage({ ...message, callId });
    },
    dropCalls() {
      for (const wireId of pageIds.keys()) ends.toRuntime({ kind: 'cancel', callId: wireId });
      changeCalls(() => pageIds.clear());
    },
    forgetCalls() {
      changeCalls(() => pageIds.clear());
    },
  };
}

function notRunning(callId: number): RuntimeMessage {
  const reason = 'it is not running just now';
  return { kind: 'failure', callId, failure: { code: 'runtime-stopped', message: `the runtime stopped: ${reason}`, details: { reason } } };
}
