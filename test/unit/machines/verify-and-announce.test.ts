import { describe, expect, it } from 'vitest';
import { download, supervise } from '../../support/machines/supervise.js';

const failure = { code: 'CONTENT_CHANGED', message: 'a.iso is not what it was' } as const;
const unreachable = { code: 'TRACKER_UNREACHABLE', message: 'nobody answers' } as const;

/** A download that has said 100. */
async function complete(onEof?: 'finish' | 'seed') {
  const one = supervise(onEof);
  one.give(download('a'));
  const tell = await one.swarm(1);
  tell({ type: 'swarm.joined' });
  tell({ type: 'swarm.checked', verifiedBytes: 1000 });
  tell({ type: 'swarm.completed' });
  return { ...one, tell, state: () => one.states.get(1) };
}

describe('a job that is to verify', () => {
  it('asks its swarm where it is complete, once however often it is asked, and says what came of it', async () => {
    const { give, asked, said, tell, state } = await complete();
    give({ kind: 'verify', id: 1 }, { kind: 'verify', id: 1 });
    expect(asked).toEqual(['1 swarm.join', '1 swarm.verify']);
    expect(state()).toBe('seeding');
    tell({ type: 'swarm.verified' });
    expect(said.slice(3)).toEqual(['verified']);
    give({ kind: 'verify', id: 1 });
    expect(asked.slice(2)).toEqual(['1 swarm.verify']);
  });

  it('joins anew and reads all where a complete download is bad, and says no percent till 100, nor that again', async () => {
    const { give, asked, said, tell, swarm, state } = await complete();
    give({ kind: 'verify', id: 1 });
    tell({ type: 'swarm.verified', failure });
    expect(asked.slice(2)).toEqual(['1 swarm.join and read']);
    const again = await swarm(1);
    again({ type: 'swarm.joined' });
    expect(state()).toBe('checking');
    again({ type: 'swarm.checked', verifiedBytes: 300, wasRead: true });
    expect(state()).toBe('downloading');
    again({ type: 'piece.verified', verifiedBytes: 700 });
    again({ type: 'piece.verified', verifiedBytes: 1000 });
    again({ type: 'swarm.completed' });
    expect(state()).toBe('seeding');
    expect(said.slice(3)).toEqual(['verified', 'verified']);
    expect(asked).toHaveLength(3);
  });

  it('joins anew while it downloads, and its lines go on rising', async () => {
    const { give, asked, said, swarm } = supervise();
    give(download('a'));
    const first = await swarm(1);
    first({ type: 'swarm.joined' });
    first({ type: 'swarm.checked', verifiedBytes: 500 });
    give({ kind: 'verify', id: 1 }, { kind: 'verify', id: 1 });
    const second = await swarm(1);
    second({ type: 'swarm.joined' });
    second({ type: 'swarm.checked', verifiedBytes: 200, wasRead: true });
    second({ type: 'piece.verified', verifiedBytes: 600 });
    expect(asked).toEqual(['1 swarm.join', '1 swarm.join and read']);
    expect(said).toEqual(['1:a.iso:-1', '1:a.iso:50', 'verified', '1:a.iso:60']);
  });

  it('is tried again at once where its disk refused, and unfinished while it lacks something', async () => {
    const { actor, give, asked, said, tell, swarm, state } = await complete();
    tell({ type: 'storage.error', failure: { code: 'DISK_GONE', message: 'gone' } });
    expect(state()).toBe('paused');
    give({ kind: 'verify', id: 1 });
    expect(asked.slice(1)).toEqual(['1 swarm.join and read']);
    const again = await swarm(1);
    again({ type: 'swarm.joined' });
    again({ type: 'swarm.checked', verifiedBytes: 300, wasRead: true });
    expect(said.slice(3)).toEqual(['warning', 'verified']);
    actor.send({ type: 'helper.stop' });
    expect(actor.getSnapshot().output).toEqual({ failed: 0, unfinished: 1 });
  });

  it('of a seed is told what is wrong with it, published or not, and goes on', async () => {
    const { give, asked, said, swarm, states } = supervise();
    give({ kind: 'seed', given: '/srv/a.iso' });
    const tell = await swarm(1);
    give({ kind: 'verify', id: 1 });
    expect(asked).toEqual(['1 swarm.join', '1 swarm.verify']);
    tell({ type: 'swarm.joined' });
    tell({ type: 'swarm.verified', failure });
    expect(states.get(1)).toBe('registering');
    tell({ type: 'swarm.announced' });
    expect(said).toEqual(['1:/srv/a.iso:-1', 'warning', '1:/srv/a.iso:100', 'published']);
    expect(states.get(1)).toBe('seeding');
  });

  it('asks again when the engine died meanwhile: what is trusted then was not read', async () => {
    const { give, asked, said, tell } = await complete();
    give({ kind: 'verify', id: 1 });
    tell({ type: 'swarm.interrupted', failure: { code: 'INTERNAL', message: 'it died' } });
    tell({ type: 'swarm.joined' });
    tell({ type: 'swarm.checked', verifiedBytes: 1000 });
    tell({ type: 'swarm.completed' });
    expect(said.slice(3)).toEqual([]);
    expect(asked.slice(1)).toEqual(['1 swarm.verify', '1 swarm.verify']);
  });

  it('does so when it goes on, if it is paused', async () => {
    const { give, asked, said, swarm } = await complete();
    give({ kind: 'pause', id: 1 }, { kind: 'verify', id: 1 });
    expect(asked).toHaveLength(1);
    give({ kind: 'resume', id: 1 });
    expect(asked.slice(1)).toEqual(['1 swarm.join and read']);
    const tell = await swarm(1);
    tell({ type: 'swarm.joined' });
    tell({ type: 'swarm.checked', verifiedBytes: 1000, wasRead: true });
    tell({ type: 'swarm.completed' });
    expect(said.slice(3)).toEqual(['verified']);
  });

  it('is not let go before that is done, though nobody asks for more', async () => {
    const { actor, give, tell, ended } = await complete();
    give({ kind: 'verify', id: 1 });
    actor.send({ type: 'input.ended' });
    expect(ended).toEqual([]);
    tell({ type: 'swarm.verified' });
    expect(ended).toEqual(['1 released']);
  });
});

describe('a job that is to announce', () => {
  it('says when a tracker has accepted it, and why none has', async () => {
    const { give, asked, said, tell } = await complete();
    tell({ type: 'swarm.announced' });
    give({ kind: 'announce', id: 1 });
    tell({ type: 'swarm.announced' });
    tell({ type: 'swarm.announced' });
    give({ kind: 'announce', id: 1 });
    tell({ type: 'swarm.announceFailed', failure: unreachable });
    expect(asked.slice(1)).toEqual(['1 swarm.announce', '1 swarm.announce']);
    expect(said.slice(3)).toEqual(['announced', 'warning']);
  });

  it('asks the next engine when one died over it', async () => {
    const { give, asked, said, tell } = await complete();
    give({ kind: 'announce', id: 1 });
    tell({ type: 'swarm.interrupted', failure: { code: 'INTERNAL', message: 'it died' } });
    tell({ type: 'swarm.joined' });
    tell({ type: 'swarm.announced' });
    expect(asked.slice(1)).toEqual(['1 swarm.announce', '1 swarm.announce']);
    expect(said.slice(3)).toEqual(['announced']);
  });

  it('is refused in no swarm, and gives up where it leaves one', async () => {
    const { give, said } = await complete();
    give({ kind: 'announce', id: 1 }, { kind: 'pause', id: 1 }, { kind: 'announce', id: 1 });
    expect(said.slice(3)).toEqual(['warning', 'refused']);
  });
});
