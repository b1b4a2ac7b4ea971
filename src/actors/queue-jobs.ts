// queueJobs: the jobs that wait for a slot, in order. It keeps them itself, because a machine's context is copied at
// each change, and ten thousand of them would make that quadratic.
import { fromCallback } from 'xstate';
import type { QueueEvent, QueueInput } from '../../machines/supervisor.js';
import type { JobCommand, JobOrder, JobState } from '../../machines/types.js';

export const queueJobsActor = fromCallback<QueueEvent, QueueInput>(({ input, receive }) => {
  const { supervisor, monitor } = input;
  const waiting = new Map<number, JobOrder>();
  /** Paused by their users: their turn does not come. */
  const paused = new Map<number, JobOrder>();
  let freeSlots = 0;
  let isFinishing = false;

  const show = ({ id, instruction }: JobOrder, state: JobState) =>
    monitor.send({ type: 'job.stateChanged', job: { id, file: instruction.given, state } });

  const queue = (order: JobOrder) => {
    waiting.set(order.id, order);
    show(order, 'queued');
  };
  const pause = (order: JobOrder) => {
    paused.set(order.id, order);
    show(order, 'paused');
  };
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
    }
    const count = orders.length;
    if (count > 0) supervisor.send({ type: 'jobs.dropped', count, unfinished: count });
  };
  const remove = (order: JobOrder) => {
    forget(order);
    const { id, instruction } = order;
    const job = { id, file: instruction.given, state: 'removed' } as const;
    monitor.send({ type: 'job.stateChanged', job });
    monitor.send({ type: 'job.removed', job });
    monitor.send({ type: 'job.recorded', entry: { type: 'ended', id } });
    supervisor.send({ type: 'jobs.dropped', count: 1, unfinished: 0 });
  };
  const setPaused = (order: JobOrder, isPausedByUser: boolean) => {
    if (paused.has(order.id) === isPausedByUser) return;
    forget(order);
    const { saved } = order;
    const changed = { ...order, saved: { ...saved, isPaused: isPausedByUser } };
    const entry = { type: 'paused', id: order.id, isPausedByUser } as const;
    monitor.send({ type: 'job.recorded', entry });
    if (!isPausedByUser) queue(changed);
    else if (isFinishing) drop([changed]);
    else pause(changed);
  };
  const carryOut = (command: JobCommand) => {
    const { id, kind } = command;
    const order = waiting.get(id) ?? paused.get(id);
    if (order === undefined) {
      const message = `${kind}:${id}: no live job has the id ${id}`;
      monitor.send({ type: 'instruction.refused', failure: { code: 'JOB_UNKNOWN', message } });
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
      case 'job.queued':
        if (event.order.saved?.isPaused) pause(event.order);
        else queue(event.order);
        return callNext();
      case 'slot.freed':
        freeSlots += 1;
        return callNext();
      case 'job.commanded':
        carryOut(event.command);
        return callNext();
      case 'queue.finish':
        isFinishing = true;
        return drop([...paused.values()]);
      case 'queue.stop':
        return drop([...waiting.values(), ...paused.values()]);
    }
  });
});
