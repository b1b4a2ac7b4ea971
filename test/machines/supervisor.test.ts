import { describe, expect, it } from 'vitest';
import { createActor, fromCallback, fromPromise } from 'xstate';
import type { MonitorEmitted } from '../../machines/monitor.js';
import { supervisorMachine } from '../../machines/supervisor.js';
import { torrentMachine } from '../../machines/torrent.js';
import type { Instruction, SwarmEvent } from '../../machines/vocabulary.js';

const torrent = { infoHash: 'a'.repeat(40), name: 'a.iso', lengthBytes: 1000 };
const publication = { torrentFile: '/t', infoHash: torrent.infoHash, magnetUri: 'magnet:?' };
const never = <T>() => new Promise<T>(() => {});

/** A supervisor whose downloads are named at once, and whose swarms do as the test tells them. */
function supervise(onEof: 'finish' | 'stop' | 'seed' = 'finish') {
  const swarms = new Map<number, (event: SwarmEvent) => void>();
  const left: number[] = [];
  const machine = supervisorMachine.provide({
    actors: {
      torrent: torrentMachine.provide({
        actors: {
          makeMetainfo: fromPromise(async ({ input }) => {
            if (input.path === 'endless') return never();
            return { torrent, contentPath: input.path, peers: [] };
          }),
          writeMetainfo: fromPromise(async () => publication),
          fetchMetainfo: fromPromise(async ({ input }) => {
            if (input.source === 'bad') throw new Error('no such torrent');
            return { torrent, contentPath: '/d/a.iso', peers: [] };
          }),
          joinSwarm: fromCallback(({ input, sendBack }) => {
            swarms.set(input.id, sendBack);
            return () => left.push(input.id);
          }),
        },
      }),
    },
  });
  const actor = createActor(machine, { input: { needsTracker: true, giveUpMs: undefined, onEof } });
  const said: string[] = [];
  const { monitor } = actor.getSnapshot().context;
  monitor.on('*', (emitted: MonitorEmitted) => {
    if (emitted.type === 'changed') {
      const { id, file, percent, repeated } = emitted.change;
      said.push(`${id}:${file}:${percent}${repeated ? ' again' : ''}`);
    } else if (emitted.type === 'diagnosed') said.push(emitted.diagnostic.kind);
  });
  actor.start();
  return {
    actor,
    said,
    left,
    give: (...instructions: Instruction[]) => {
      for (const instruction of instructions)
        actor.send({ type: 'instruction.given', instruction });
    },
    swarm: async (id: number) => {
      for (let turn = 0; turn < 20 && !swarms.has(id); turn += 1) await Promise.resolve();
      const tell = swarms.get(id);
      if (!tell) throw new Error(`job ${id} has joined no swarm`);
      return tell;
    },
  };
}

const download = (given: string): Instruction => ({ kind: 'download', given });
const misfit: Instruction = {
  kind: 'misfit',
  given: '',
  failure: { code: 'INSTRUCTION_INVALID', message: 'empty' },
};

describe('the supervisor', () => {
  it('numbers the jobs in the order of the instructions, whatever becomes of them', () => {
    const { said, give, actor } = supervise();
    give(misfit, download('a'), misfit);
    expect(said.filter((line) => line.endsWith(':-2'))).toEqual(['1::-2', '3::-2']);
    expect(Object.keys(actor.getSnapshot().context.jobs)).toEqual(['2']);
  });

  it('says -1, the percents that rose, and 100 when the disk has it all', async () => {
    const { said, give, swarm } = supervise();
    give(download('a.torrent'));
    const tell = await swarm(1);
    tell({ type: 'swarm.joined' });
    tell({ type: 'swarm.checked', verifiedBytes: 100 });
    for (const verifiedBytes of [105, 109, 110, 1000])
      tell({ type: 'piece.verified', verifiedBytes });
    expect(said).toEqual(['1:a.iso:-1', '1:a.iso:10', '1:a.iso:11']);
    tell({ type: 'swarm.completed' });
    expect(said.slice(3)).toEqual(['1:a.iso:100', 'done']);
  });

  it('calls a seed published when a tracker has accepted it, and no sooner', async () => {
    const { said, give, swarm } = supervise();
    give({ kind: 'seed', given: '/srv/a.iso' });
    const tell = await swarm(1);
    tell({ type: 'swarm.joined' });
    tell({ type: 'swarm.checked', verifiedBytes: 1000 });
    tell({ type: 'swarm.completed' });
    expect(said).toEqual(['1:/srv/a.iso:-1']);
    tell({ type: 'swarm.announced' });
    tell({ type: 'swarm.announced' });
    expect(said.slice(1)).toEqual(['1:/srv/a.iso:100', 'published']);
  });

  it('says nothing twice after a pause', async () => {
    const { said, give, swarm, left } = supervise();
    give(download('a'));
    const first = await swarm(1);
    first({ type: 'swarm.joined' });
    first({ type: 'swarm.checked', verifiedBytes: 500 });
    give({ kind: 'pause', id: 1 });
    expect(left).toEqual([1]);
    give({ kind: 'resume', id: 1 });
    const second = await swarm(1);
    second({ type: 'swarm.joined' });
    second({ type: 'swarm.checked', verifiedBytes: 500 });
    second({ type: 'piece.verified', verifiedBytes: 600 });
    expect(said).toEqual(['1:a.iso:-1', '1:a.iso:50', '1:a.iso:60']);
  });

  it('refuses a command for a job that is not there, and goes on', () => {
    const { said, give } = supervise();
    give({ kind: 'pause', id: 7 }, { kind: 'not-understood', line: 'hello' });
    expect(said).toEqual(['refused', 'not-understood']);
  });

  it('writes the last line of every live job again', async () => {
    const { said, give, swarm } = supervise();
    give(download('a'), misfit);
    (await swarm(1))({ type: 'swarm.joined' });
    give({ kind: 'list' });
    expect(said.at(-1)).toBe('1:a.iso:-1 again');
  });

  it('lets finished downloads go when nobody will ask for more, and is through', async () => {
    const { actor, give, swarm } = supervise('finish');
    give(download('a'));
    const tell = await swarm(1);
    actor.send({ type: 'input.ended' });
    tell({ type: 'swarm.joined' });
    tell({ type: 'swarm.checked', verifiedBytes: 0 });
    expect(actor.getSnapshot().status).toBe('active');
    tell({ type: 'swarm.completed' });
    expect(actor.getSnapshot().output).toEqual({ failed: 0, unfinished: 0 });
  });

  it('begins no job when nobody will ask for more, but still obeys', async () => {
    const { actor, said, give, swarm } = supervise('finish');
    give(download('a'));
    await swarm(1);
    actor.send({ type: 'input.ended' });
    give(download('b'));
    expect(Object.keys(actor.getSnapshot().context.jobs)).toEqual(['1']);
    give({ kind: 'remove', id: 1 });
    expect(said).toEqual(['removed']);
    expect(actor.getSnapshot().output).toEqual({ failed: 0, unfinished: 0 });
  });

  it('stops at the end of the instructions if it is told to, and counts what was unfinished', async () => {
    const { actor, give, swarm, left } = supervise('stop');
    give(download('a'), download('bad'));
    (await swarm(1))({ type: 'swarm.joined' });
    actor.send({ type: 'input.ended' });
    expect(left).toEqual([1]);
    expect(actor.getSnapshot().output).toEqual({ failed: 1, unfinished: 1 });
  });

  it('keeps everything seeding at the end of the instructions if it is told to', async () => {
    const { actor, give, swarm } = supervise('seed');
    give(download('a'));
    const tell = await swarm(1);
    tell({ type: 'swarm.joined' });
    tell({ type: 'swarm.completed' });
    actor.send({ type: 'input.ended' });
    expect(actor.getSnapshot().status).toBe('active');
    actor.send({ type: 'helper.stop' });
    expect(actor.getSnapshot().output).toEqual({ failed: 0, unfinished: 0 });
  });

  it('never deletes the source of a seed', () => {
    const { actor, said, give } = supervise();
    give({ kind: 'seed', given: 'endless' }, { kind: 'delete', id: 1 });
    expect(said).toEqual(['refused']);
    expect(actor.getSnapshot().context.jobs[1]?.getSnapshot().value).toEqual({ active: 'making' });
  });

  it('removes a job without a line of progress, and counts it neither failed nor unfinished', () => {
    const { actor, said, give } = supervise('stop');
    give(download('a'), { kind: 'remove', id: 1 });
    expect(said).toEqual(['removed']);
    actor.send({ type: 'input.ended' });
    expect(actor.getSnapshot().output).toEqual({ failed: 0, unfinished: 0 });
  });
});
