// How an actor is called wherever there is one line for it: its name, the file it is about, and where it is.
import type { ActorState } from '../../told/actor-state.js';
import { statePaths } from './state-paths.js';

/** How a state is coloured: it goes well, it is at work, it waits for something, it failed, it has nothing to do, it has ended. */
export type StateTone = 'good' | 'busy' | 'waiting' | 'bad' | 'calm' | 'ended';

export interface ActorLabel {
  readonly name: string;
  /** The name of the file that a job is about. */
  readonly file: string | undefined;
  /** The innermost state, or how it ended; undefined for a step that is at work. */
  readonly state: string | undefined;
  /** Of what is under way. */
  readonly percent: number | undefined;
  readonly tone: StateTone;
}

const tones: ReadonlyMap<string, StateTone> = new Map([
  ['seeding', 'good'],
  ['running', 'good'],
  ['recovering', 'waiting'],
  ['waiting', 'waiting'],
  ['byUser', 'waiting'],
  ['waitingForDisk', 'waiting'],
  ['draining', 'waiting'],
  ['open', 'calm'],
  ['listening', 'calm'],
  ['reading', 'calm'],
]);

export function actorLabel(actor: ActorState): ActorLabel {
  const state = innermost(actor);
  return {
    name: actorName(actor),
    file: shownFileName(actor),
    state,
    percent: percentOf(actor, state),
    tone: toneOf(actor, state),
  };
}

/** What was invoked without a name has an id that says where, and not what: `0.torrent.active.making`. */
export function actorName({ id, src }: Pick<ActorState, 'id' | 'src'>): string {
  return /^\d+\.\w/.test(id) ? src : id;
}

/** Whether it ended as nobody wants it to. */
export function hasFailed(actor: ActorState): boolean {
  return toneOf(actor, innermost(actor)) === 'bad';
}

/** The name of the file that it is about, if it is about one. */
export function shownFileName({ context: { file } }: ActorState): string | undefined {
  if (typeof file !== 'string') return undefined;
  if (file.startsWith('magnet:')) {
    const name = new URLSearchParams(file.slice(file.indexOf('?') + 1)).get('dn');
    return name ?? 'magnet link';
  }
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1) || file;
}

function innermost({ value, status }: ActorState): string | undefined {
  if (value === undefined) return status === 'active' ? undefined : status;
  return statePaths(value)
    .map((path) => path.slice(path.lastIndexOf('.') + 1))
    .join(' ');
}

function toneOf({ status }: ActorState, state = ''): StateTone {
  if (status === 'error' || state === 'failed') return 'bad';
  if (status !== 'active') return 'ended';
  return tones.get(state) ?? 'busy';
}

function percentOf(
  { context: { percent } }: ActorState,
  state: string | undefined,
): number | undefined {
  const counts = state === 'downloading' || state === 'checking';
  const isPart = typeof percent === 'number' && percent >= 0 && percent < 100;
  return counts && isPart ? percent : undefined;
}
