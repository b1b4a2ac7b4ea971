// holdClaim: lets go of the torrent and the place that a job holds, when the job is over.
import { type EventObject, fromCallback } from 'xstate';
import type { Surroundings } from './dependencies.js';

export const holdClaimActor = ({ claims, looseEnds }: Surroundings) =>
  fromCallback<EventObject, { id: number }>(({ input: { id } }) => {
    const letGo = () => claims.letGo(id);
    const settle = looseEnds.leave(id, letGo);
    return () => {
      settle();
      letGo();
    };
  });
