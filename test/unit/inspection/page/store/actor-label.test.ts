// How an actor is called in the tree.
import { describe, expect, it } from 'vitest';
import { actorLabel, hasFailed } from '../../../../../src/inspection/page/store/actor-label.js';
import { anActor } from './an-actor.js';

describe('the label of an actor', () => {
  it('has the name of its file, wherever it lies, and of a magnet link what it calls itself', () => {
    const fileOf = (file: string) => actorLabel(anActor({ context: { file } })).file;
    expect(fileOf('/home/anna/films/a film.mkv')).toBe('a film.mkv');
    expect(fileOf('C:\\films\\a.mkv')).toBe('a.mkv');
    expect(fileOf('magnet:?xt=urn:btih:00&dn=a+film%20of%20%E0')).toBe('a film of \uFFFD');
    expect(fileOf('magnet:?xt=urn:btih:00')).toBe('magnet link');
    expect(fileOf('folder/')).toBe('folder/');
    expect(actorLabel(anActor({ context: { file: 7 } })).file).toBeUndefined();
  });

  it('names a step that has no name of its own after what it does', () => {
    const id = '0.torrent.active.making';
    expect(actorLabel(anActor({ id, src: 'makeMetainfo' })).name).toBe('makeMetainfo');
    expect(actorLabel(anActor({ id: 'swarm', src: 'joinSwarm' })).name).toBe('swarm');
  });

  it('shows the innermost state, with the percents while they count', () => {
    const at = (joined: string, percent: number) => {
      const label = actorLabel(anActor({ value: { active: { joined } }, context: { percent } }));
      return [label.state, label.percent];
    };
    expect(actorLabel(anActor({ value: { left: 'on', right: { up: 'off' } } })).state).toBe(
      'on off',
    );
    expect(at('downloading', 43)).toEqual(['downloading', 43]);
    expect(at('downloading', -1)).toEqual(['downloading', undefined]);
    expect(at('seeding', 43)).toEqual(['seeding', undefined]);
  });

  it('shows of a step that is no machine only how it ended', () => {
    expect(actorLabel(anActor({ machine: undefined })).state).toBeUndefined();
    const failed = anActor({ machine: undefined, status: 'error' });
    expect(actorLabel(failed).state).toBe('error');
    expect(hasFailed(failed)).toBe(true);
    expect(hasFailed(anActor({ value: 'failed', status: 'done' }))).toBe(true);
    expect(hasFailed(anActor({ value: 'removed', status: 'done' }))).toBe(false);
  });
});
