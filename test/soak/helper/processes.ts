// The processes of a soak: started here, ended here, by their ids, and nobody else's.
import {
  type RunningProcess,
  type StartOptions,
  startProcess,
} from '../../support/processes/running-process.js';

export type { RunningProcess };

export interface Processes {
  /** Rejects if it cannot be started. */
  start(command: readonly string[], options: StartOptions): Promise<RunningProcess>;
  /** Kills what still runs. */
  endAll(): Promise<void>;
}

export function createProcesses(): Processes {
  const running = new Set<RunningProcess>();
  return {
    async start(command, options) {
      // Ctrl-C is for the soak, which ends the others in its own way.
      const started = startProcess(command, { isDetached: true, ...options });
      await started.started;
      running.add(started);
      void started.exit.finally(() => running.delete(started)).catch(() => {});
      return started;
    },
    async endAll() {
      await Promise.all(
        [...running].map(({ kill, exit }) => {
          kill('SIGKILL');
          return exit;
        }),
      );
    },
  };
}
