// Whether an earlier attempt at a move came so far that only the old place has to be cleared.

import { findUncopied, type Original } from './compare-copies.js';
import { readMarker } from './marker.js';
import type { Move } from './relocation.js';

/** What lies at the new place came from the old one, and lacks nothing of what is left there, the `originals`. */
export async function isPlaced(move: Move, originals: readonly Original[]): Promise<boolean> {
  if ((await readMarker(move)) !== move.from) return false;
  return (await findUncopied(originals, move.to)) === undefined;
}
