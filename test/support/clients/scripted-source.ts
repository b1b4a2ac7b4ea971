// Scripted helpers, one after the other, in this process: what a client talks to in tests.
import { PassThrough } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { HelperClient } from '../../../src/client/helper-client.js';
import { beginLife, type HelperSource } from '../../../src/client/lives/life.js';
import { runClient } from '../../../src/client/run-client.js';
import { lostError } from '../../../src/client/wire/connection.js';
import { eachLine } from '../processes/child-lines.js';
import { createScriptedHelper } from './scripted-helper.mjs';

type Scripted = ReturnType<typeof createScriptedHelper>;

export interface ScriptedLife {
  readonly helper: Scripted;
  /** What it was sent, method by method. */
  readonly sent: readonly string[];
  readonly params: (method: string) => readonly unknown[];
  /** As by SIGKILL. */
  die(): void;
}

export interface ScriptedOptions {
  readonly session?: string;
  readonly isShared?: boolean;
  readonly maxRestarts?: number;
  readonly version?: string;
  /** Of the helper that begins as that number, counted from 0: what it has of before. */
  readonly jobs?: (life: number) => readonly Record<string, unknown>[];
  /** Whether that one can be begun at all. */
  readonly begins?: (life: number) => boolean;
  /** Whether that one never says anything. */
  readonly hangs?: (life: number) => boolean;
  readonly signal?: AbortSignal;
}

export interface ScriptedClient {
  readonly client: HelperClient;
  /** The helpers so far. */
  readonly lives: readonly ScriptedLife[];
}

export async function scriptedClient({
  session,
  isShared = false,
  maxRestarts = 5,
  version,
  jobs = () => [],
  begins = () => true,
  hangs = () => false,
  signal,
}: ScriptedOptions = {}): Promise<ScriptedClient> {
  const lives: ScriptedLife[] = [];
  let attempts = 0;
  const source: HelperSource = {
    isShared,
    async open(onNotification, closing) {
      attempts += 1;
      if (!begins(attempts - 1)) throw lostError('it does not begin');
      const input = new PassThrough();
      const output = new PassThrough();
      const messages: { method: string; params?: unknown }[] = [];
      const die = () => void input.end();
      const helper = createScriptedHelper({
        write: (message) => void input.write(`${JSON.stringify(message)}\n`),
        exit: die,
        session: session ?? null,
        jobs: jobs(lives.length),
        ...(version !== undefined && { version }),
      });
      eachLine(output, (line) => {
        messages.push(JSON.parse(line));
        if (!input.writableEnded) helper.hear(line);
      });
      lives.push({
        helper,
        die,
        get sent() {
          return messages.map(({ method }) => method);
        },
        params: (method) =>
          messages.filter((each) => each.method === method).map(({ params }) => params),
      });
      if (!hangs(attempts - 1)) helper.begin();
      return beginLife({
        input,
        output,
        onNotification,
        closing,
        whyEnded: async () => lostError('it was killed'),
        async end(request) {
          request('helper.quit').catch(() => {});
        },
      });
    },
  };
  const client = await runClient(source, { maxRestarts, signal });
  onTestFinished(() => client.close());
  return { client, lives };
}
