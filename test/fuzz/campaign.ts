// Runs one target: what was saved first, then the samples, then new input after new input. The n-th input of a seed is
// always the same one. Tells of each kind of finding once, made as small as a few seconds allow.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createRandom } from '../support/random.js';
import { minimise } from './minimise.js';
import { Finding, type OpenTarget, type Target } from './target.js';

export interface CampaignOptions {
  readonly seed: number;
  /** So many new inputs, or new ones for so long. */
  readonly until: { readonly executions: number } | { readonly seconds: number };
  readonly saved: readonly Uint8Array[];
  /** What was thrown outside of `run` since the last call: nobody awaited it. */
  readonly takeStray: () => Error | undefined;
  /** Called before each execution. */
  readonly onExecution: (input: Uint8Array) => void;
  readonly onFinding: (found: Found) => void;
}

export interface Found {
  readonly input: Uint8Array;
  readonly error: Error;
  /** Whether `input` alone shows it in a target just opened. */
  readonly isRepeatable: boolean;
}

const slowMs = 1_000;
const minimiseTries = 300;
const minimiseMs = 5_000;
/** After so many kinds of findings there is enough to do. */
const mostFindings = 10;
const executionsATurn = 500;

/** Resolves with the number of executions, what was saved and the samples included. */
export async function runCampaign(target: Target, options: CampaignOptions): Promise<number> {
  const { seed, until, saved, takeStray, onExecution, onFinding } = options;
  const samples = target.samples();
  const others = [...samples, ...saved];
  const known = new Set<string>();
  let opened = await target.open();
  let executions = 0;

  const execute = async (input: Uint8Array): Promise<Error | undefined> => {
    executions += 1;
    onExecution(input);
    return (await thrownBy(opened, input)) ?? takeStray();
  };
  const reopen = async () => {
    await opened.close().catch(() => {});
    takeStray();
    opened = await target.open();
  };
  const shows = (signature: string) => async (input: Uint8Array) => {
    await reopen();
    const error = await execute(input);
    return error !== undefined && signatureOf(error) === signature;
  };
  const tell = async (input: Uint8Array, error: Error) => {
    const signature = signatureOf(error);
    if (known.has(signature)) return;
    known.add(signature);
    const isRepeatable = await shows(signature)(input);
    const smallest = isRepeatable
      ? await minimise(input, shows(signature), { tries: minimiseTries, timeMs: minimiseMs })
      : input;
    onFinding({ input: smallest, error, isRepeatable });
    await reopen();
  };
  const tryOut = async (input: Uint8Array) => {
    const error = await execute(input);
    if (error !== undefined) await tell(input, error);
    // A run without a socket never lets go by itself.
    if (executions % executionsATurn === 0) await nextTurn();
  };

  for (const input of [...saved, ...samples]) await tryOut(input);
  const isOver =
    'executions' in until
      ? (inputs: number) => inputs >= until.executions
      : afterSeconds(until.seconds);
  for (let index = 0; !isOver(index) && known.size < mostFindings; index++) {
    const random = createRandom(`${seed} ${target.name} ${index}`);
    await tryOut(target.mutate(random.pick(others), random, others));
  }

  try {
    await opened.close();
    await nextTurn();
    const stray = takeStray();
    if (stray !== undefined) throw stray;
  } catch (thrown) {
    onFinding({ input: new Uint8Array(), error: toError(thrown), isRepeatable: false });
  }
  return executions;
}

async function thrownBy(opened: OpenTarget, input: Uint8Array): Promise<Error | undefined> {
  let quickestMs = Number.POSITIVE_INFINITY;
  // The machine may have been busy: slow is what is slow three times.
  for (let times = 0; times < 3; times++) {
    const startedAt = performance.now();
    try {
      const running = opened.run(input);
      if (running !== undefined) await running;
    } catch (thrown) {
      return toError(thrown);
    }
    quickestMs = Math.min(quickestMs, performance.now() - startedAt);
    if (quickestMs < slowMs) return undefined;
  }
  return new Finding(`took longer than ${slowMs / 1000} s`);
}

function afterSeconds(seconds: number): () => boolean {
  const endsAt = performance.now() + seconds * 1000;
  return () => performance.now() >= endsAt;
}

/** Findings with one message, numbers and quoted text aside, from one place, are one. */
function signatureOf(error: Error): string {
  const [place = ''] = /\n\s+at .*/.exec(error.stack ?? '') ?? [];
  return `${error.name} ${error.message.replace(/'.*'|".*"/gs, '…').replace(/\d+/g, 'N')} ${place.replace(/:\d+/g, '')}`;
}

export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(`thrown: ${String(thrown)}`);
}
