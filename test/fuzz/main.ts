// The command behind `npm run fuzz`: which targets, for how long, from which seed; one line a target, and what was
// found. Exits with 1 if something was, with 2 if it was called wrongly.
import { randomInt } from 'node:crypto';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { readCorpus, saveInput } from './corpus.js';
import { targetNames, targets } from './targets/index.js';
import { watchTarget } from './thread/watch-target.js';

const usage = `npm run fuzz -- [target ...] [--seconds 60] [--executions N] [--seed N]
${targets.map(({ name, about }) => `    ${name.padEnd(24)} ${about}`).join('\n')}
`;

interface Plan {
  readonly targets: readonly string[];
  readonly seed: number;
  readonly until: { readonly executions: number } | { readonly seconds: number };
  readonly corpus: string;
}

function readPlan(): Plan | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '60' },
      executions: { type: 'string' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      corpus: { type: 'string', default: 'test/fuzz/corpus' },
    },
  });
  const { seconds, executions, seed, corpus } = values;
  const numbers = [seconds, executions ?? '0', seed];
  if (!numbers.every((text) => /^\d+$/.test(text))) return undefined;
  if (!positionals.every((name) => targetNames.includes(name))) return undefined;
  return {
    targets: positionals.length > 0 ? positionals : targetNames,
    seed: Number(seed),
    until:
      executions === undefined ? { seconds: Number(seconds) } : { executions: Number(executions) },
    corpus,
  };
}

async function fuzz({ targets, seed, until, corpus }: Plan): Promise<number> {
  let findingCount = 0;
  say(`seed ${seed}`);
  for (const target of targets) {
    const startedAt = performance.now();
    const saved = await readCorpus(corpus, target);
    const script = new URL('thread/worker.js', import.meta.url);
    const { executions, findings } = await watchTarget(script, { target, seed, until, saved });
    const seconds = (performance.now() - startedAt) / 1000;
    findingCount += findings.length;
    const rate = Math.round(executions / seconds);
    say(
      `${target.padEnd(24)} ${seconds.toFixed(1)} s, ${executions} executions, ${rate}/s, ${findings.length} findings`,
    );
    for (const { input, showed, isRepeatable } of findings) {
      // Paths as everywhere else in the repository.
      const said = showed.replaceAll(`${process.cwd()}/`, '');
      const text = `${said}\n${isRepeatable ? '' : '(did not show again by itself)\n'}`;
      const path = await saveInput(corpus, target, input, text);
      say(`  ${relative('.', path)}\n${text.replace(/^/gm, '    ')}`);
    }
  }
  return findingCount;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const plan = planOrUsage();
if (plan === undefined) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  process.exitCode = (await fuzz(plan)) > 0 ? 1 : 0;
}

function planOrUsage(): Plan | undefined {
  try {
    return readPlan();
  } catch {
    return undefined;
  }
}
