// A supervised engine over a thread that does what a test says; all of it is ended with the test.
import { randomUUID } from 'node:crypto';
import { BroadcastChannel } from 'node:worker_threads';
import { onTestFinished } from 'vitest';
import type { Engine, EngineOptions } from '../../../src/engine/engine.js';
import { superviseEngine } from '../../../src/engine-thread/host/supervised-engine.js';
import type { EngineCommand, EngineReport } from '../../../src/engine-thread/messages.js';
import type { HelperError } from '../../../src/errors.js';

/** What the thread is told to do. */
export type ThreadOrder =
  | { readonly order: 'report'; readonly report: EngineReport }
  | { readonly order: 'exit' }
  | { readonly order: 'run out of memory' }
  | { readonly order: 'hang'; readonly atWork?: string; readonly isHeapFull?: boolean };

export interface FakeThread {
  /** Every command that a worker was given, of all of them. */
  readonly commands: readonly EngineCommand[];
  readonly warnings: readonly HelperError[];
  order(order: ThreadOrder): void;
  open(options?: Partial<EngineOptions>): Promise<Engine>;
}

/** As `superviseEngine`, when it is open. */
export async function openSupervisedEngine(
  ...supervised: Parameters<typeof superviseEngine>
): Promise<Engine> {
  const { engine, open } = superviseEngine(...supervised);
  await open;
  return engine;
}

/** `livePieces`: the budget of all torrents in it together. */
export function fakeThread({ checkEveryMs = 1_000, livePieces = 1_000 } = {}): FakeThread {
  const name = randomUUID();
  const channel = new BroadcastChannel(name);
  const commands: EngineCommand[] = [];
  const warnings: HelperError[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: Node types its message events by the browser's.
  channel.onmessage = ({ data }: any) => void commands.push(data);
  onTestFinished(() => channel.close());
  return {
    commands,
    warnings,
    order: (order) => channel.postMessage(order),
    async open(options = {}) {
      const engine = await openSupervisedEngine(
        {
          host: '127.0.0.1',
          listen: '127.0.0.1',
          port: 0,
          dht: false,
          ...options,
          stateDir: name,
        },
        (error) => warnings.push(error),
        {
          workerUrl: new URL('./fake-worker.mjs', import.meta.url),
          checkEveryMs,
          livePieces,
        },
      );
      onTestFinished(() => engine.close());
      return engine;
    },
  };
}
