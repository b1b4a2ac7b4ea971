// --stop-with: tells when a process has ended that is not our child, so that nothing but looking tells it.
import { HelperError } from '../../errors.js';
import type { StopWith } from '../arguments/option-values.js';
import { isStillThere, type SeenProcess, seeProcess } from './seen-process.js';
import { seeStarters } from './starters.js';

const lookEveryMs = 1_000;
/** So many looks later its number may be that of another one. */
const looksToACloseLook = 10;

/**
 * Calls `onEnd` once, when it has ended, with its number.
 * Throws OPTION_INVALID if a number is that of no process.
 */
export async function watchProcesses(
  stopWith: StopWith,
  { parentId, onEnd }: { readonly parentId: number; readonly onEnd: (id: number) => void },
): Promise<void> {
  const watched = stopWith === 'parent' ? await seeStarters(parentId) : await seeNamed(stopWith);
  if (!watched) {
    onEnd(parentId);
    return;
  }
  // Nobody waits for a look: the helper ends when it is done.
  const next = () => void setTimeout(look, lookEveryMs).unref();
  let looks = 0;
  const look = async () => {
    looks += 1;
    for (const each of watched) {
      if (await isStillThere(each, looks % looksToACloseLook === 0)) continue;
      onEnd(each.id);
      return;
    }
    next();
  };
  next();
}

async function seeNamed(id: number): Promise<readonly SeenProcess[]> {
  const seen = await seeProcess(id);
  if (seen) return [seen];
  const expected = 'expected the id of a process that is there, or parent';
  throw new HelperError('OPTION_INVALID', `--stop-with ${id}: ${expected}`);
}
