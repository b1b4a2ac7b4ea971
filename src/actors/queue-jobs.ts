// queueJobs: the jobs that wait for a slot, in order. It keeps them itself, because a machine's context is copied at
// each change, and ten thousand of them would make that quadratic.
import { fromCallback } from 'xstate';
import type { QueueEvent, QueueInput, RepeatRef } from '../../machines/supervisor.js';
import type { JobCommand, JobOrder, JobState, JobTag } from '../../machines/types.js';

export const queueJobsActor = fromCallback<QueueEvent, QueueInput>(({ input, receive }) => {
  const { supervisor, monitor } = input;
  const waiting = new Map<number, JobOrder>();
  /** Paused by their users: their turn does not come. */
  const paused = new Map<number, JobOrder>();
  let freeSlots = 0;
  let isFinishing = false;

  const show = (order: JobOrder, state: JobState) => {
    const percent = order.hasSpoken ? -1 : undefined;
    monitor.send({ type: 'job.stateChanged', job: tagOf(order, state), percent });
  };
  const say = (order: JobOrder, repeated: boolean) => {
    const job = tagOf(order, paused.has(order.id) ? 'paused' : 'queued');
    monitor.send({ type: 'job.progressed', job, percent: -1, repeated });
  };

  const queue = (order: JobOrder) => {
    waiting.set(order.id, order);
    show(order, 'queued');
  };
  const pause = (order: JobOrder) => {
    paused.set(order.id, order);
    show(order, 'paused');
  };
  const put = (order: JobOrder) => (isPaused(order) ? pause(order) : queue(order));
  const forget = ({ id }: JobOrder) => {
    waiting.delete(id);
    paused.delete(id);
    // The slots that are free now are given by the supervisor again.
    if (waiting.size + paused.size === 0) freeSlots = 0;
  };
  const callNext = () => {
    for (const order of waiting.values()) {
      if (freeSlots === 0) return;
      freeSlots -= 1;
      forget(order);
      supervisor.send({ type: 'job.called', order });
    }
  };
  const drop = (orders: readonly JobOrder[]) => {
    for (const order of orders) {
      forget(order);
      show(order, 'removed');
      monitor.send({ type: 'job.ended', job: tagOf(order, 'removed'), end: 'stopped' });
    }
    const count = orders.length;
    const unfinished = orders.filter((order) => !stayedPaused(order)).length;
    if (count > 0) supervisor.send({ type: 'jobs.dropped', count, unfinished });
  };
  const remove = (order: JobOrder) => {
    forget(order);
    show(order, 'removed');
    monitor.send({ type: 'job.removed', job: tagOf(order, 'removed') });
    monitor.send({ type: 'job.recorded', entry: { type: 'ended', id: order.id } });
    supervisor.send({ type: 'jobs.dropped', count: 1, unfinished: 0 });
  };
  const setPaused = (order: JobOrder, isPausedByUser: boolean) => {
    if (paused.has(order.id) === isPausedByUser) return;
    forget(order);
    const changed = { ...order, isPaused: isPausedByUser };
    const entry = { type: 'paused', id: order.id, isPausedByUser } as const;
    monitor.send({ type: 'job.recorded', entry });
    if (isPausedByUser && isFinishing) drop([changed]);
    else put(changed);
  };
  const repeatAll = (others: Readonly<Record<number, RepeatRef>>) => {
    const spoken = [...waiting.values(), ...paused.values()].filter(({ hasSpoken }) => hasSpoken);
    const ids = [...spoken.map(({ id }) => id), ...Object.keys(others).map(Number)];
    for (const id of ids.sort((a, b) => a - b)) {
      const order = waiting.get(id) ?? paused.get(id);
      if (order) say(order, true);
      else others[id]?.send({ type: 'job.repeat' });
    }
  };
  const carryOut = (command: JobCommand) => {
    const { id, kind } = command;
    const order = waiting.get(id) ?? paused.get(id);
    if (order === undefined) {
      const message = `${kind}:${id}: no live job has the id ${id}`;
      const failure = { code: 'JOB_UNKNOWN', message } as const;
      monitor.send({ type: 'instruction.refused', id, command: kind, failure });
      return;
    }
    switch (kind) {
      case 'pause':
        return setPaused(order, true);
      case 'resume':
        return setPaused(order, false);
      case 'remove':
        return remove(order);
      case 'delete':
      case 'move':
        // What becomes of content is the job's own affair.
        forget(order);
        return supervisor.send({ type: 'job.called', order, command });
    }
  };

  receive((event) => {
    switch (event.type) {
      case 'job.queued': {
        // A job that came back is seen, though it may not begin for long.
        const order = isKnown(event.order) ? { ...event.order, hasSpoken: true } : event.order;
        put(order);
        if (order.hasSpoken) say(order, false);
        return callNext();
      }
      case 'slot.freed':
        freeSlots += 1;
        return callNext();
      case 'job.commanded':
        carryOut(event.command);
        return callNext();
      case 'jobs.repeat':
        return repeatAll(event.others);
      case 'queue.finish':
        isFinishing = true;
        return drop([...paused.values()]);
      case 'queue.stop':
        return drop([...waiting.values(), ...paused.values()]);
    }
  });
});

function tagOf({ id, instruction, file }: JobOrder, state: JobState): JobTag {
  return { id, kind: instruction.kind, file: file ?? instruction.given, state };
}

/** Its torrent was known in an earlier life, and so is how its lines name it. */
function isKnown({ instruction, saved, file }: JobOrder): boolean {
  return saved?.infoHash !== undefined && (instruction.kind === 'seed' || file !== undefined);
}

function isPaused({ isPaused: now, saved }: JobOrder): boolean {
  return now ?? saved?.isPaused ?? false;
}

/** Since an earlier life. */
function stayedPaused({ isPaused: now, saved }: JobOrder): boolean {
  return now === undefined && saved?.isPaused === true;
}
