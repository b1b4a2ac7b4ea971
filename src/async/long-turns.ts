// Ends a turn of the event loop when work has held it up for long enough, by the clock: for work of which nobody knows beforehand
// what a piece of it costs.

/** To be asked before each piece. Undefined while there is time; else what resolves when others have had their turn. */
export function createLongTurns(mostMs: number): () => Promise<void> | undefined {
  let beganMs: number | undefined;
  const begin = () => {
    if (beganMs !== undefined) return;
    beganMs = performance.now();
    setImmediate(() => {
      beganMs = undefined;
    });
  };
  return () => {
    begin();
    if (beganMs === undefined || performance.now() - beganMs <= mostMs) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        begin();
        resolve();
      });
    });
  };
}
