// Fetches the metainfo of one job within the memory there is: where there is no room for what came it is dropped, and fetched
// again when there is. Large metainfo is parsed in a thread, so that lines and timers get through.
import type { HelperError } from '../errors.js';
import type { Metainfo } from '../metainfo/metainfo.js';
import type { Unparsed } from '../metainfo/parse/parse-as.js';
import {
  type MetainfoIntake,
  type MetainfoMemory,
  type MetainfoRoom,
  NoRoom,
} from './metainfo-memory.js';
import { weighMetainfo } from './weigh-metainfo.js';

export interface TurnOptions {
  readonly jobId: number;
  readonly signal: AbortSignal;
  /** Called once at most. */
  readonly onWait: (waits: HelperError) => void;
  readonly parse: Parse;
}

/** `heavy`: it would hold up whoever shares the thread with it. */
export type Parse = (
  bytes: Uint8Array,
  as: Unparsed,
  weight: 'light' | 'heavy',
) => Promise<Metainfo>;

/** What `fetch` resolves with; its metainfo has its room until the job is over. */
export async function fetchInTurn<T>(
  memory: MetainfoMemory,
  { jobId, signal, onWait, parse }: TurnOptions,
  fetch: (intake: MetainfoIntake) => Promise<T>,
): Promise<T> {
  const room = memory.open(jobId);
  const intake = intakeOf(room, memory.uncountedBytes, parse);
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

function intakeOf(room: MetainfoRoom, uncountedBytes: number, parse: Parse): MetainfoIntake {
  return {
    admit: room.admit,
    async parse(bytes, as) {
      const weight = weighMetainfo(bytes);
      room.settle(weight);
      return parse(bytes, as, weight > uncountedBytes ? 'heavy' : 'light');
    },
  };
}
