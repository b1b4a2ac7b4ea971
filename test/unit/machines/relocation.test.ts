import { describe, expect, it } from 'vitest';
import { type AnyActorRef, createActor, fromCallback } from 'xstate';
import { relocationMachine } from '../../../machines/relocation.js';
import type { RelocationReport } from '../../../machines/types.js';
import { HelperError } from '../../../src/errors.js';
import { inert, settledEvent } from '../../support/machines/machine-walk.js';
import { located, relocated } from '../../support/machines/torrent-walks.js';

const staged = { stagedPath: '/elsewhere/.a.iso', contentPath: '/elsewhere/a.iso' };
const error = new HelperError('DISK_FULL', 'no');

/** A relocation whose steps end as the test says, and what it tells its job. */
function relocation() {
  const told: string[] = [];
  const job = createActor(
    fromCallback<RelocationReport>(({ receive }) => receive(({ type }) => told.push(type))),
  ).start();
  const actor: AnyActorRef = createActor(inert(relocationMachine), {
    input: { id: 1, located, dir: '/elsewhere', isServing: true, job },
  }).start();
  const end = (state: string, outcome: { output: unknown } | { error: unknown }) =>
    actor.send(settledEvent(`0.relocation.${state}`, outcome));
  return { actor, told, end };
}

/** Copied, and told that the swarm has let go of the files. */
function committing() {
  const one = relocation();
  one.end('copying', { output: staged });
  one.actor.send({ type: 'relocation.commit' });
  return one;
}

describe('a relocation', () => {
  it('waits with its copy until the swarm has let go, and then tells where the content lies', () => {
    const { actor, told, end } = relocation();
    end('copying', { output: staged });
    expect(actor.getSnapshot()).toMatchObject({ value: 'copied', context: { staged } });
    expect(told).toEqual(['relocation.copied']);
    actor.send({ type: 'relocation.commit' });
    end('committing', { output: relocated });
    expect(told).toEqual(['relocation.copied', 'relocation.committed']);
    end('removingSource', { output: undefined });
    expect(actor.getSnapshot().output).toEqual({ failure: undefined, wasThere: false });
  });

  it('has nothing to commit where the content lies there already', () => {
    const { actor, told, end } = relocation();
    end('copying', { output: { ...staged, contentPath: located.contentPath } });
    expect(actor.getSnapshot().value).toBe('removingSource');
    end('removingSource', { output: undefined });
    expect(actor.getSnapshot().output).toEqual({ failure: undefined, wasThere: true });
    expect(told).toEqual([]);
  });

  it('that fails says why, and leaves its job with what it was told last', () => {
    const [copying, commit, removing] = [relocation(), committing(), committing()];
    copying.end('copying', { error });
    commit.end('committing', { error });
    removing.end('committing', { output: relocated });
    removing.end('removingSource', { error });
    for (const { actor } of [copying, commit, removing]) {
      expect(actor.getSnapshot().output).toEqual({
        failure: { code: 'DISK_FULL', message: 'no', isTransient: true },
        wasThere: false,
      });
    }
    expect(copying.told).toEqual([]);
    expect(commit.told).toEqual(['relocation.copied']);
    expect(removing.told).toEqual(['relocation.copied', 'relocation.committed']);
  });
});
