// joinSwarm: keeps a torrent in its swarm for as long as its job is there, and tells the job what happens.
import { type EventObject, fromCallback } from 'xstate';
import type { SwarmInput } from '../../machines/torrent.js';
import type { SwarmEvent } from '../../machines/types.js';
import type * as engine from '../engine/engine.js';
import { type HelperError, toHelperError } from '../errors.js';
import type { Surroundings } from './dependencies.js';
import { metainfoOf } from './located-torrent.js';

export const joinSwarmActor = (surroundings: Surroundings) =>
  fromCallback<EventObject, SwarmInput>(({ input, sendBack }) => {
    try {
      return join(surroundings, input, sendBack);
    } catch (error) {
      sendBack({ type: 'swarm.failed', failure: failureOf(toHelperError(error)) });
      return undefined;
    }
  });

/** Returns the way out. */
function join(
  { engine, claims, looseEnds, announce, settings, register, unregister }: Surroundings,
  { id, placed, role }: SwarmInput,
  tell: (event: SwarmEvent) => void,
): () => void {
  const { metainfo, contentPath, peers } = metainfoOf(placed);
  const { infoHash } = metainfo;
  claims.hold({ jobId: id, infoHash, contentPath, role });
  const release = () => {
    if (role === 'seed') unregister(infoHash);
  };
  if (role === 'seed') register(infoHash);
  try {
    const added = metainfo.isPrivate ? [] : settings.addedTrackers;
    const trackers = role === 'seed' ? announce.tiers : [...metainfo.announce, ...added];
    const swarm = engine.join({ metainfo, contentPath, role, trackers, peers }, (event) =>
      tell(toSwarmEvent(event)),
    );
    const leave = () => {
      release();
      // Leaving never rejects, and whoever joins this torrent again waits for it.
      void swarm.leave();
    };
    const settle = looseEnds.leave(id, leave);
    return () => {
      settle();
      leave();
    };
  } catch (error) {
    release();
    throw error;
  }
}

function toSwarmEvent(event: engine.SwarmEvent): SwarmEvent {
  switch (event.type) {
    case 'swarm.warned':
    case 'swarm.interrupted':
    case 'swarm.obstructed':
    case 'swarm.failed':
      return { type: event.type, failure: failureOf(event.error) };
    default:
      return event;
  }
}

function failureOf({ code, message }: HelperError) {
  return { code, message };
}
