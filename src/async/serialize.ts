// One deed at a time at one place, in this process: an attempt that was broken off may still be tidying up there.
const last = new Map<string, Promise<void>>();

/** Waits until all that began earlier at `place` has ended, well or not. */
export async function serialize<T>(place: string, deed: () => Promise<T>): Promise<T> {
  const result = (last.get(place) ?? Promise.resolve()).then(deed);
  const ended = result.then(
    () => {},
    () => {},
  );
  last.set(place, ended);
  try {
    return await result;
  } finally {
    if (last.get(place) === ended) last.delete(place);
  }
}
