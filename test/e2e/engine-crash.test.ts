// The engine is killed, hung, and run out of memory, from outside: what it was doing goes on.
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashOf, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';
import { until } from '../support/waiting.js';

const preload = join(import.meta.dirname, '../support/engine/engine-fault.mjs');
/** Ten looks at its heart, one a second, and what a busy machine adds. */
const hangMs = 30_000;

let folder: string;

beforeEach(async () => {
  folder = await scratchFolder();
});

interface Faulty extends HelperProcess {
  /** Does this in its engine, as soon as that can; see engine-fault.mjs. */
  order(what: string): Promise<void>;
  /** Resolves when it is being done. */
  fault(what: string): Promise<void>;
}

async function startFaulty(args: readonly string[], ofNode = ''): Promise<Faulty> {
  const order = join(folder, 'fault');
  const env = { NODE_OPTIONS: `--require=${preload} ${ofNode}`, ENGINE_FAULT: order };
  const cwd = join(folder, 'faulty');
  await mkdir(cwd);
  const helper = start(['--tracker-port', `${await freePort()}`, ...args], { cwd, env });
  const tell = async (what: string) => {
    await writeFile(order, what);
    helper.kill('SIGUSR2');
  };
  return {
    ...helper,
    order: tell,
    async fault(what) {
      await tell(what);
      await until(() => !existsSync(order), `in the middle of ${what}`);
    },
  };
}

const deathsOf = ({ stderr }: HelperProcess) =>
  stderr.filter((line) => line.includes('warning: INTERNAL: the engine stopped'));

const died = (helper: HelperProcess, times: number) =>
  until(() => deathsOf(helper).length === times, `told of death ${times}`, hangMs);

/** Another helper gets what this one seeds. */
async function expectSeeded(torrentFile: string, name: string) {
  const cwd = join(folder, `copy of ${name}`);
  await mkdir(cwd);
  const leecher = start(['--no-dht', `torrent:${torrentFile}`], { cwd, stdin: 'ignore' });
  expect(await leecher.exit()).toBe(0);
  expect(await hashOf(join(cwd, name))).toBe(await hashOf(join(folder, 'faulty', name)));
}

describe('an engine that ends', () => {
  it('loses and repeats no line, and the download is what it should be', async () => {
    await writeRandom(join(folder, 'big.bin'), 6 * MiB);
    const other = start(['--up', '512K', '--tracker-port', `${await freePort()}`, 'file:big.bin'], {
      cwd: folder,
    });
    const { torrentFile: big } = await other.published(1);

    const helper = await startFaulty([]);
    await writeRandom(join(folder, 'faulty/mine.bin'), MiB);
    helper.write('file:mine.bin', `torrent:${big}`);
    const { torrentFile: mine } = await helper.published(1);

    await helper.line(/^2:big\.bin:[1-9]\d$/);
    await helper.fault('throw');
    await died(helper, 1);
    await helper.line(/^2:big\.bin:[3-9]\d$/);
    await helper.fault('allocate');
    await died(helper, 2);
    await helper.line(/^2:big\.bin:[5-9]\d$/);
    const soFar = helper.stdout.length;
    await helper.fault('hang');
    helper.write('list:');
    await helper.line('1:mine.bin:100', soFar);
    expect(deathsOf(helper)).toHaveLength(2);
    await died(helper, 3);

    await until(() => helper.stdout.includes('2:big.bin:100'), 'at 100', hangMs);
    expect(await hashOf(join(folder, 'faulty/big.bin'))).toBe(
      await hashOf(join(folder, 'big.bin')),
    );
    await expectSeeded(mine, 'mine.bin');
    helper.kill('SIGTERM');
    expect(await helper.exit()).toBe(0);

    // The two lines that `list:` asked for again stand together.
    const listedAt = helper.stdout.indexOf('1:mine.bin:100', soFar);
    const told = helper.stdout.filter((_, index) => index !== listedAt && index !== listedAt + 1);
    expect(told.filter((line) => line.startsWith('1:'))).toEqual([
      '1:mine.bin:-1',
      '1:mine.bin:100',
    ]);
    const percents = told
      .flatMap((line) => /^2:big\.bin:(-?\d+)$/.exec(line)?.[1] ?? [])
      .map(Number);
    expect(percents).toEqual([...new Set(percents)].sort((a, b) => a - b));
    expect([percents.at(0), percents.at(-1)]).toEqual([-1, 100]);
    expect(told).toHaveLength(2 + percents.length);
    expect(deathsOf(helper)[0]).toContain('a fault was asked for');
    expect(deathsOf(helper)[1]).toMatch(/out of memory|did not answer/);
    expect(deathsOf(helper)[2]).toContain('did not answer');
    expect(helper.stderr.filter((line) => line.includes('failed'))).toEqual([]);
  }, 120_000);

  it('costs the torrent that ended it three times its job, and no other', async () => {
    const helper = await startFaulty([]);
    await writeRandom(join(folder, 'faulty/bad.bin'), 100_000);
    await writeRandom(join(folder, 'faulty/good.bin'), 100_000);
    helper.write('file:bad.bin', 'file:good.bin');
    const { infoHash } = await helper.published(1);
    const { torrentFile } = await helper.published(2);

    // The next one finds it only when it is joined again.
    await until(async () => {
      await helper.order(`throw ${infoHash}`);
      return helper.stdout.includes('1:bad.bin:-2');
    }, 'failed');
    await helper.diagnostic(/: job 1 \(bad\.bin\): failed: ENGINE_CRASH: .*3 times/);
    expect(deathsOf(helper)).toHaveLength(3);
    for (const death of deathsOf(helper)) expect(death).toContain(`on torrent ${infoHash}`);
    await expectSeeded(torrentFile, 'good.bin');
    helper.kill('SIGTERM');
    expect(await helper.exit()).toBe(3);
    expect(helper.percents(1)).toEqual([-1, 100, -2]);
    expect(helper.percents(2)).toEqual([-1, 100]);
  });

  it('costs the largest torrent its job when memory ran out three times, and no other', async () => {
    const helper = await startFaulty([], '--max-old-space-size=96');
    await writeRandom(join(folder, 'faulty/large.bin'), 3 * MiB);
    await writeRandom(join(folder, 'faulty/small.bin'), 100_000);
    helper.write('file:large.bin', 'file:small.bin');
    const { infoHash } = await helper.published(1);
    const { torrentFile } = await helper.published(2);

    // The next one finds it only when it is joined again.
    await until(
      async () => {
        await helper.order(`allocate ${infoHash}`);
        return helper.stdout.includes('1:large.bin:-2');
      },
      'failed',
      2 * hangMs,
    );
    await helper.diagnostic(
      /: job 1 \(large\.bin\): failed: ENGINE_CRASH: .*out of memory 3 times/,
    );
    expect(deathsOf(helper)).toHaveLength(3);
    await expectSeeded(torrentFile, 'small.bin');
    helper.kill('SIGTERM');
    expect(await helper.exit()).toBe(3);
    expect(helper.percents(1)).toEqual([-1, 100, -2]);
    expect(helper.percents(2)).toEqual([-1, 100]);
  }, 120_000);

  it('does not keep the helper from stopping while it hangs', async () => {
    const helper = await startFaulty([]);
    await writeRandom(join(folder, 'faulty/a.bin'), 100_000);
    helper.write('file:a.bin');
    await helper.published(1);
    await helper.fault('hang');
    helper.kill('SIGTERM');
    expect(await helper.exit(6_000)).toBe(0);
  });
});
