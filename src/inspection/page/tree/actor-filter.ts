// What is typed into the filter, as a question about an actor: words that are all in its name, its file or its state, and
// `state:seeding`, `machine:torrent`.

import type { ActorState } from '../../told/actor-state.js';
import { shownFileName } from '../store/actor-label.js';
import { statePaths } from '../store/state-paths.js';

export type ActorFilter = (actor: ActorState) => boolean;

interface Searched {
  readonly of: ActorState;
  readonly names: string;
  readonly state: string;
}

/** By number, and not by state, which a WeakMap takes twice as long to find. */
const known = new Map<number, Searched>();
/** Some 200 bytes each; beyond it all are made anew. */
const mostKnown = 100_000;

/** Undefined: everybody is meant. */
export function actorFilter(typed: string): ActorFilter | undefined {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean).map(question);
  if (words.length === 0) return undefined;
  return (actor) => words.every((isMeant) => isMeant(actor));
}

function question(word: string): ActorFilter {
  const [, field, text = ''] = /^(state|machine):(.*)$/.exec(word) ?? [];
  if (field === 'machine') return ({ machine = '' }) => machine.toLowerCase().includes(text);
  if (field === 'state') return (actor) => searchedOf(actor).state.includes(text);
  return (actor) => {
    const { names, state } = searchedOf(actor);
    return names.includes(word) || state.includes(word);
  };
}

function searchedOf(actor: ActorState): Searched {
  const found = known.get(actor.actor);
  // A state is never changed but replaced, so that what was made of it holds.
  if (found?.of === actor) return found;
  const searched = {
    of: actor,
    names: `${actor.id} ${actor.src} ${shownFileName(actor) ?? ''}`.toLowerCase(),
    state: `${statePaths(actor.value).join(' ')} ${actor.status}`.toLowerCase(),
  };
  if (known.size >= mostKnown) known.clear();
  known.set(actor.actor, searched);
  return searched;
}
