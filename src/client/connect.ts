// A client of a helper that runs already, over the socket that it was told to open with `--socket`.
import type { HelperClient } from './helper-client.js';
import { socketSource } from './lives/socket-source.js';
import { runClient } from './run-client.js';

export interface ConnectOptions {
  /** So often in a row it is connected to again when the connection is lost. Default: 0. */
  readonly maxRestarts?: number | undefined;
  /** Lets go of the helper when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves when all its jobs are known. Rejects with HELPER_LOST if nobody listens there. `close()` lets go of the helper, and
 * leaves it at work.
 */
export function connect(socketPath: string, options: ConnectOptions = {}): Promise<HelperClient> {
  const { maxRestarts = 0, signal } = options;
  return runClient(socketSource(socketPath), { maxRestarts, signal });
}
