// The numbers below `size` in an order of chance, one a call, each once, then undefined. Any may be the first, and any the
// next: steps of one random width, around and around, so that nothing is touched but what is drawn.

export function shuffled(size: number): () => number | undefined {
  const step = size > 0 ? stepThrough(size) : 0;
  let next = Math.floor(Math.random() * size);
  let left = size;
  return () => {
    if (left === 0) return undefined;
    left -= 1;
    const drawn = next;
    next = (next + step) % size;
    return drawn;
  };
}

/** At random one of the widths that come by all of them. */
function stepThrough(size: number): number {
  for (;;) {
    const step = 1 + Math.floor(Math.random() * size);
    if (commonDivisor(step, size) === 1) return step;
  }
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
