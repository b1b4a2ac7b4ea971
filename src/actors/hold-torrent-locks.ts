// holdTorrentLocks: lets go of the torrent and the place that a job holds, when the job is over.
import { type EventObject, fromCallback } from 'xstate';
import type { Dependencies } from './dependencies.js';

export const holdTorrentLocksActor = ({ torrentLocks, cleanups }: Dependencies) =>
  fromCallback<EventObject, { id: number }>(({ input: { id } }) => {
    const letGo = () => torrentLocks.letGo(id);
    const settle = cleanups.leave(id, letGo);
    return () => {
      settle();
      letGo();
    };
  });
