// What is typed into the filter, as a question about an actor: words that are all in its name, its file or its state, and
// `state:seeding`, `machine:torrent`.
import type { ActorState } from '../../told/actor-state.js';
import { actorLabel, statePath } from './actor-label.js';

export type ActorFilter = (actor: ActorState) => boolean;

interface Searched {
  readonly state: string;
  readonly machine: string;
  readonly all: string;
}

/** A state is never changed but replaced, so that what was made of it holds. */
const known = new WeakMap<ActorState, Searched>();

/** Undefined: everybody is meant. */
export function actorFilter(typed: string): ActorFilter | undefined {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean).map(word);
  if (words.length === 0) return undefined;
  return (actor) => {
    const searched = searchedOf(actor);
    return words.every(({ field, text }) => searched[field].includes(text));
  };
}

function word(typed: string): { readonly field: keyof Searched; readonly text: string } {
  const [, field, text = ''] = /^(state|machine):(.*)$/.exec(typed) ?? [];
  return field === 'state' || field === 'machine' ? { field, text } : { field: 'all', text: typed };
}

function searchedOf(actor: ActorState): Searched {
  const found = known.get(actor);
  if (found) return found;
  const { name, file = '', state = '' } = actorLabel(actor);
  const searched = {
    state: `${statePath(actor.value)} ${actor.status}`.toLowerCase(),
    machine: (actor.machine ?? '').toLowerCase(),
    all: [name, actor.id, file, state].join(' ').toLowerCase(),
  };
  known.set(actor, searched);
  return searched;
}
