// Whether an earlier attempt at a move came so far that only the old place has to be cleared.

import { findTwinless, type Original } from './compare-copies.js';
import { readOrigin } from './marker.js';
import type { Move } from './relocation.js';

/** What lies at the new place came from the old one, and lacks nothing of what is left there, the `originals`. */
export async function isPlaced(move: Move, originals: readonly Original[]): Promise<boolean> {
  if ((await readOrigin(move)) !== move.from) return false;
  return (await findTwinless(originals, move.to)) === undefined;
}
