// joinSwarm: keeps a torrent in its swarm for as long as its job is there, and tells the job what happens.
import { fromCallback } from 'xstate';
import type { SwarmCommand, SwarmInput } from '../../machines/torrent-steps.js';
import type { SwarmEvent } from '../../machines/types.js';
import type { Swarm } from '../engine/engine.js';
import { toFailure } from '../errors.js';
import type { Dependencies } from './dependencies.js';
import { metainfoOf } from './located-torrent.js';

export const joinSwarmActor = (dependencies: Dependencies) =>
  fromCallback<SwarmCommand, SwarmInput>(({ input, sendBack, receive }) => {
    try {
      const { swarm, leave } = join(dependencies, input, sendBack);
      receive(({ type }) => (type === 'swarm.verify' ? swarm.verify() : swarm.announce()));
      return leave;
    } catch (error) {
      sendBack({ type: 'swarm.failed', failure: toFailure(error) });
      return undefined;
    }
  });

interface Joined {
  readonly swarm: Swarm;
  readonly leave: () => void;
}

function join(
  { engine, torrentLocks, cleanups, announce, options, register, unregister }: Dependencies,
  { id, located, role, verify }: SwarmInput,
  tell: (event: SwarmEvent) => void,
): Joined {
  const { metainfo, contentPath, peers, stamps, reach } = metainfoOf(located);
  const { infoHash } = metainfo;
  torrentLocks.lockForJob({ jobId: id, infoHash, contentPath, role });
  const release = () => {
    if (role === 'seed') unregister(infoHash);
  };
  if (role === 'seed') register(infoHash);
  try {
    const added = metainfo.isPrivate ? [] : options.addedTrackers;
    const trackers = role === 'seed' ? announce.tiers : [...metainfo.announce, ...added];
    const swarm = engine.join(
      {
        metainfo,
        contentPath,
        role,
        trackers,
        peers,
        stamps,
        verify: role === 'download' && verify,
        reach: role === 'seed' ? { kind: 'user' } : (reach ?? { kind: 'network' }),
        trustedTrackers: options.addedTrackers.flat(),
      },
      tellOnce(role, tell),
    );
    const leave = () => {
      // Leaving never rejects, and whoever joins this torrent again waits for it. Until then our tracker tracks it: of other
      // torrents it takes no peer's word for its address, and would not find whom the good-bye is about.
      void swarm.leave().then(release);
    };
    const left = cleanups.add(id, leave);
    return {
      swarm,
      leave() {
        left();
        leave();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** An engine that was started again finds out again that the content was changed, and which links cannot be. */
function tellOnce(role: SwarmInput['role'], tell: (event: SwarmEvent) => void): typeof tell {
  let told: readonly string[] = [];
  return (event) => {
    // What is published was complete before it was joined: its machine does not ask, and thousands may come at once.
    if (role === 'seed' && (event.type === 'swarm.checked' || event.type === 'swarm.completed')) {
      return;
    }
    const code = event.type === 'swarm.warned' ? event.failure.code : '';
    if (told.includes(code)) return;
    tell(event);
    if (code === 'CONTENT_CHANGED' || code === 'LINKS_SKIPPED') told = [...told, code];
  };
}
