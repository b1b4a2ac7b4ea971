// Makes an input smaller for as long as it still shows what it showed: takes ranges away, the long ones first.

export interface MinimiseLimits {
  readonly tries: number;
  readonly timeMs: number;
}

/** The smallest input found within the limits. */
export async function minimise(
  input: Uint8Array,
  shows: (candidate: Uint8Array) => Promise<boolean>,
  { tries, timeMs }: MinimiseLimits,
): Promise<Uint8Array> {
  const endsAt = performance.now() + timeMs;
  let smallest = input;
  let left = tries;
  let rangeBytes = Math.ceil(input.length / 2);
  while (rangeBytes >= 1) {
    let offset = 0;
    while (offset < smallest.length) {
      if (left === 0 || performance.now() > endsAt) return smallest;
      left -= 1;
      const candidate = Buffer.concat([
        smallest.subarray(0, offset),
        smallest.subarray(offset + rangeBytes),
      ]);
      if (await shows(candidate)) smallest = candidate;
      else offset += rangeBytes;
    }
    if (rangeBytes === 1) break;
    rangeBytes = Math.ceil(rangeBytes / 2);
  }
  return smallest;
}
