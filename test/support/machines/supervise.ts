// A supervisor with real machines and inert steps: its downloads are named at once, and its swarms do as the test tells them.
import { createActor, fromCallback, fromPromise } from 'xstate';
import { parsed } from '../../../machines/instruction-parser.js';
import type { MonitorEmitted } from '../../../machines/monitor.js';
import { type CommitInput, relocationMachine } from '../../../machines/relocation.js';
import { type SupervisorInput, supervisorMachine } from '../../../machines/supervisor.js';
import { torrentMachine } from '../../../machines/torrent.js';
import type {
  Instruction,
  JobState,
  LocatedTorrent,
  SessionEntry,
  SwarmEvent,
} from '../../../machines/types.js';
import { jobsActor } from '../../../src/actors/jobs/jobs.js';

export const torrent = { infoHash: 'a'.repeat(40), name: 'a.iso', lengthBytes: 1000 };
const publication = { torrentFile: '/t', infoHash: torrent.infoHash, magnetUri: 'magnet:?' };
const never = <T>() => new Promise<T>(() => {});

export function supervise(
  onEof: 'finish' | 'stop' | 'seed' = 'finish',
  options: Partial<SupervisorInput> = {},
) {
  const swarms = new Map<number, (event: SwarmEvent) => void>();
  const left: number[] = [];
  /** What each job's swarm was joined for, and asked since. */
  const asked: string[] = [];
  const torrentLogic = torrentMachine.provide({
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
      relocation: relocationMachine.provide({
        actors: {
          copyContent: fromPromise(async () => ({
            stagedPath: '/done/.a',
            contentPath: '/done/a',
          })),
          commitRelocation: fromPromise<LocatedTorrent, CommitInput>(async () => {
            if (options.moveCompleted === '/hangs') return never();
            return { torrent, contentPath: '/done/a', peers: [] };
          }),
          removeSource: fromPromise(async () => {}),
        },
      }),
      joinSwarm: fromCallback(({ input, sendBack, receive }) => {
        swarms.set(input.id, sendBack);
        asked.push(`${input.id} swarm.join${input.verify ? ' and read' : ''}`);
        receive(({ type }) => asked.push(`${input.id} ${type}`));
        return () => left.push(input.id);
      }),
    },
  });
  const jobs = jobsActor({ torrent: torrentLogic, cleanUp: () => {} });
  const machine = supervisorMachine.provide({ actors: { jobs } });
  const actor = createActor(machine, {
    input: {
      needsTracker: true,
      giveUpMs: undefined,
      onEof,
      lastId: 0,
      maxActive: 200,
      moveCompleted: undefined,
      ...options,
    },
  });
  const said: string[] = [];
  const entries: SessionEntry[] = [];
  const ended: string[] = [];
  const states = new Map<number, JobState>();
  const { monitor } = actor.getSnapshot().context;
  monitor.on('*', (emitted: MonitorEmitted) => {
    if (emitted.type === 'changed') {
      for (const { type, id, file, state, percent, repeated } of emitted.changes) {
        if (type === 'state') states.set(id, state);
        else said.push(`${id}:${file}:${percent}${repeated ? ' again' : ''}`);
      }
    } else if (emitted.type === 'diagnosed') said.push(emitted.diagnostic.kind);
    else if (emitted.type === 'recorded') entries.push(...emitted.entries);
    else if (emitted.type === 'ended') ended.push(`${emitted.end.id} ${emitted.end.end}`);
  });
  actor.start();
  const { jobs: heard } = actor.getSnapshot().context;
  /** What the jobs have reported, without waiting for it. */
  const hearAll = () => {
    if (heard.getSnapshot().status === 'active') heard.send({ type: 'jobs.tell' });
  };
  return {
    actor,
    said,
    entries,
    ended,
    states,
    left,
    asked,
    give: (...instructions: Instruction[]) => {
      for (const event of parsed(instructions)) actor.send(event);
      hearAll();
    },
    swarm: async (id: number) => {
      for (let turn = 0; turn < 20 && !swarms.has(id); turn += 1) await Promise.resolve();
      const tell = swarms.get(id);
      if (!tell) throw new Error(`job ${id} has joined no swarm`);
      return (event: SwarmEvent) => {
        tell(event);
        hearAll();
      };
    },
  };
}

export const download = (given: string): Instruction => ({ kind: 'download', given });
export const invalid: Instruction = {
  kind: 'invalid',
  given: '',
  failure: { code: 'INSTRUCTION_INVALID', message: 'empty' },
};
