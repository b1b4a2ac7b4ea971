// What a snapshot of XState's holds, whatever its actor's logic is.
import type { Snapshot } from 'xstate';
import type { StateTree } from '../told/records.js';

/** Undefined: it is no machine's. */
export function machineOf(snapshot: object): string | undefined {
  const machine = 'machine' in snapshot ? snapshot.machine : undefined;
  if (typeof machine !== 'object' || machine === null || !('id' in machine)) return undefined;
  return String(machine.id);
}

/** A machine's context; of another's what it was given to do. */
export function contextOf(snapshot: object): object {
  const context = 'context' in snapshot ? snapshot.context : undefined;
  if (typeof context === 'object' && context !== null) return context;
  const input = 'input' in snapshot ? snapshot.input : undefined;
  return input === undefined ? {} : { input };
}

/** What it ended with; undefined while it has not. */
export function resultOf(snapshot: Snapshot<unknown>): unknown {
  if (snapshot.status === 'done') return snapshot.output;
  return snapshot.status === 'error' ? snapshot.error : undefined;
}

/** The states that it is in, as far as they fit. */
export function stateTreeOf(snapshot: object, mostCharacters: number): StateTree | undefined {
  const value = 'value' in snapshot ? snapshot.value : undefined;
  return isStateTree(value) ? fitting(value, { characters: mostCharacters }) : undefined;
}

function isStateTree(value: unknown): value is StateTree {
  return typeof value === 'string' || (typeof value === 'object' && value !== null);
}

function fitting(tree: StateTree, left: { characters: number }): StateTree {
  if (typeof tree === 'string') {
    left.characters -= tree.length + 4;
    return left.characters < 0 ? '…' : tree;
  }
  const states: [string, StateTree][] = [];
  for (const [state, children] of Object.entries(tree)) {
    left.characters -= state.length + 4;
    if (left.characters < 0) break;
    states.push([state, fitting(children, left)]);
  }
  return Object.fromEntries(states);
}
