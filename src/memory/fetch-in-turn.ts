// Fetches the metainfo of one job within the memory there is: where there is no room for what came it is dropped, and fetched
// again when there is. Large metainfo is parsed one at a time, so that lines and timers get through.
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConcurrencyLimit, limitConcurrency } from '../async/limit-concurrency.js';
import type { HelperError } from '../errors.js';
import {
  type MetainfoIntake,
  type MetainfoMemory,
  type MetainfoRoom,
  NoRoom,
} from './metainfo-memory.js';
import { weighMetainfo } from './weigh-metainfo.js';

/** Of the thread, which all jobs share. */
const parseTurn: ConcurrencyLimit = limitConcurrency(1);

export interface TurnOptions {
  readonly jobId: number;
  readonly signal: AbortSignal;
  /** Called once at most. */
  readonly onWait: (waits: HelperError) => void;
}

/** What `fetch` resolves with; its metainfo has its room until the job is over. */
export async function fetchInTurn<T>(
  memory: MetainfoMemory,
  { jobId, signal, onWait }: TurnOptions,
  fetch: (intake: MetainfoIntake) => Promise<T>,
): Promise<T> {
  const room = memory.open(jobId);
  const intake = intakeOf(room, memory.uncountedBytes, signal);
  let hasWaited = false;
  try {
    for (;;) {
      try {
        const fetched = await fetch(intake);
        signal.throwIfAborted();
        return fetched;
      } catch (thrown) {
        signal.throwIfAborted();
        if (!(thrown instanceof NoRoom) || thrown.code !== 'WAITING_FOR_MEMORY') throw thrown;
        if (!hasWaited) onWait(thrown);
        hasWaited = true;
        await room.wait(thrown.bytes, signal);
      }
    }
  } catch (thrown) {
    room.giveBack();
    throw thrown;
  }
}

function intakeOf(room: MetainfoRoom, uncountedBytes: number, signal: AbortSignal): MetainfoIntake {
  return {
    admit: room.admit,
    async parse(bytes, parse) {
      const weight = weighMetainfo(bytes);
      room.settle(weight);
      if (weight <= uncountedBytes) return parse(bytes);
      return new Promise((resolve, reject) => {
        void parseTurn(async () => {
          const begunMs = performance.now();
          try {
            signal.throwIfAborted();
            resolve(parse(bytes));
          } catch (thrown) {
            reject(thrown);
          }
          // As much of the thread for all else.
          await sleep(performance.now() - begunMs, undefined, { ref: false });
        });
      });
    },
  };
}
