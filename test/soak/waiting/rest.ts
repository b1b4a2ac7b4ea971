// Work, and rest from it: figures are compared at moments when nothing is under way.

export interface Rest {
  /** Does `task` when nobody rests. */
  during<T>(task: () => Promise<T>): Promise<T>;
  /** Resolves when all that was under way is done; nothing begins until `end`. */
  begin(): Promise<void>;
  end(): void;
}

export function createRest(): Rest {
  let over = Promise.resolve();
  let wake = () => {};
  let atWork = 0;
  let lastLeft = () => {};
  return {
    async during(task) {
      for (let waitedFor: Promise<void> | undefined; waitedFor !== over; ) {
        waitedFor = over;
        await waitedFor;
      }
      atWork += 1;
      try {
        return await task();
      } finally {
        atWork -= 1;
        if (atWork === 0) lastLeft();
      }
    },
    begin() {
      over = new Promise((resolve) => {
        wake = resolve;
      });
      return new Promise((resolve) => {
        lastLeft = resolve;
        if (atWork === 0) resolve();
      });
    },
    end: () => wake(),
  };
}
