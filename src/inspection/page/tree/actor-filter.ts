// What is typed into the filter, as a question about an actor: words that are all in its name, its file or its state, and
// `state:seeding`, `machine:torrent`.
import type { ActorState } from '../../told/actor-state.js';
import { actorLabel, statePath } from '../store/actor-label.js';

type Field = 'state' | 'machine' | 'all';

export type ActorFilter = (actor: ActorState) => boolean;

interface Searched extends Readonly<Record<Field, string>> {
  readonly of: ActorState;
}

/** By number, and not by state, which a WeakMap takes twice as long to find. */
const known = new Map<number, Searched>();
/** Some 200 bytes each; beyond it all are made anew. */
const mostKnown = 100_000;

/** Undefined: everybody is meant. */
export function actorFilter(typed: string): ActorFilter | undefined {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean).map(word);
  if (words.length === 0) return undefined;
  return (actor) => {
    const searched = searchedOf(actor);
    return words.every(({ field, text }) => searched[field].includes(text));
  };
}

function word(typed: string): { readonly field: Field; readonly text: string } {
  const [, field, text = ''] = /^(state|machine):(.*)$/.exec(typed) ?? [];
  return field === 'state' || field === 'machine' ? { field, text } : { field: 'all', text: typed };
}

function searchedOf(actor: ActorState): Searched {
  const found = known.get(actor.actor);
  // A state is never changed but replaced, so that what was made of it holds.
  if (found?.of === actor) return found;
  const { name, file = '', state = '' } = actorLabel(actor);
  const searched = {
    of: actor,
    state: `${statePath(actor.value)} ${actor.status}`.toLowerCase(),
    machine: (actor.machine ?? '').toLowerCase(),
    all: [name, actor.id, file, state].join(' ').toLowerCase(),
  };
  if (known.size >= mostKnown) known.clear();
  known.set(actor.actor, searched);
  return searched;
}
