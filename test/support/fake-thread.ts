// A supervised engine over a thread that a test holds in its hands; all of it is ended with the test.
import { randomUUID } from 'node:crypto';
import { BroadcastChannel } from 'node:worker_threads';
import { onTestFinished } from 'vitest';
import type { Engine, EngineOptions } from '../../src/engine/engine.js';
import { superviseEngine } from '../../src/engine-thread/host/supervised-engine.js';
import type { Command, Report } from '../../src/engine-thread/messages.js';
import type { HelperError } from '../../src/errors.js';

export type Deed =
  | { readonly deed: 'report'; readonly said: Report }
  | { readonly deed: 'exit' }
  | { readonly deed: 'hang'; readonly atWork?: string };

export interface FakeThread {
  /** Every command that a life was given, of all lives. */
  readonly commands: readonly Command[];
  readonly warnings: readonly HelperError[];
  order(deed: Deed): void;
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

export function fakeThread({ lookEveryMs = 1_000 } = {}): FakeThread {
  const name = randomUUID();
  const channel = new BroadcastChannel(name);
  const commands: Command[] = [];
  const warnings: HelperError[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: Node types its message events by the browser's.
  channel.onmessage = ({ data }: any) => void commands.push(data);
  onTestFinished(() => channel.close());
  return {
    commands,
    warnings,
    order: (deed) => channel.postMessage(deed),
    async open(options = {}) {
      const engine = await openSupervisedEngine(
        {
          ...{ host: '127.0.0.1', listen: '127.0.0.1', port: 0, dht: false },
          ...options,
          stateDir: name,
        },
        (error) => warnings.push(error),
        {
          workerUrl: new URL('../unit/engine-thread/fake-worker.mjs', import.meta.url),
          lookEveryMs,
        },
      );
      onTestFinished(() => engine.close());
      return engine;
    },
  };
}
