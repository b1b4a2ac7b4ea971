// What is said when the helper is told to stop and something is not done: what, and how to go on with it.
import type { Unfinished } from './model.js';

/** @param session its name, where its jobs come back by themselves */
export function farewellLines(
  { downloads, seeds }: Unfinished,
  session: string | undefined,
): readonly string[] {
  if (downloads + seeds === 0) return [];
  const what = [
    ...(downloads > 0 ? [`${numbered(downloads, 'download')} unfinished`] : []),
    ...(seeds > 0 ? [`${numbered(seeds, 'file')} not yet published`] : []),
  ];
  const next =
    session === undefined
      ? 'the same command, in the same folder, goes on where this one stopped'
      : `the next helper with --session ${session} goes on from there`;
  return [`${what.join(', ')}; ${next}`];
}

function numbered(count: number, thing: string): string {
  return count === 1 ? `1 ${thing}` : `${count} ${thing}s`;
}
