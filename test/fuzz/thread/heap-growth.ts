// Whether a target keeps what it was given: memory in use after a collection, early in a run and at its end.
import { collectGarbage } from '../../support/processes/collect-garbage.mjs';

const mostGrowthBytes = 48 * 2 ** 20;
/** By then code is compiled and caches are filled. */
const warmUpExecutions = 2_000;

export interface HeapGrowth {
  /** Called once an execution. */
  sample(): void;
  /** What is wrong, if something is. */
  finding(): string | undefined;
}

export function heapGrowth(): HeapGrowth {
  const usedBytes = () => {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  let executions = 0;
  let before: number | undefined;
  return {
    sample() {
      executions += 1;
      if (executions === warmUpExecutions) before = usedBytes();
    },
    finding() {
      if (before === undefined) return undefined;
      const grownBytes = usedBytes() - before;
      if (grownBytes < mostGrowthBytes) return undefined;
      const grown = `${Math.round(grownBytes / 2 ** 20)} MiB`;
      return `memory grew by ${grown} over ${executions - warmUpExecutions} executions`;
    },
  };
}
