// The jobs actor: numbers the jobs, lets each wait for its turn, starts its torrent actor, passes on what is asked of it and what it
// reports, and counts how it ended. Many are begun, told and stopped in slices. It keeps them itself, because a machine's
// context and children are copied at each change, which ten thousand of them would make quadratic.
import { fromCallback } from 'xstate';
import type { JobsEvent, JobsInput, Tally } from '../../../machines/supervisor.js';
import type { torrentMachine } from '../../../machines/torrent.js';
import type {
  Change,
  JobCommand,
  JobInstruction,
  JobOrder,
  JobReport,
  JobTag,
  Outcome,
} from '../../../machines/types.js';
import { gather } from '../../async/gather-by-turn.js';
import { createSlices } from '../../async/slices.js';
import { createSweep } from '../../async/sweep.js';
import { ActiveJobs, commandEvent, jobIdOf } from './active-jobs.js';
import { isAtRest, isPausedOrder, stayedPaused, WaitingJobs } from './waiting-jobs.js';

// What is more waits for the next turn of the event loop.
const startsATurn = 4;
const stopsATurn = 16;
const linesATurn = 128;
const reportsTogether = 64;

export interface JobsParts {
  readonly torrent: typeof torrentMachine;
  /**
   * Gives back what a job has taken whose machine erred: the actors of that are not stopped with it. Or that never had one, and
   * was removed.
   */
  readonly cleanUp: (id: number) => void;
}

export const jobsActor = ({ torrent, cleanUp }: JobsParts) =>
  fromCallback<JobsEvent, JobsInput>(({ input, receive, self }) => {
    const { supervisor, monitor } = input;
    // By an event of its own, so that whoever watches the actors sees who reports.
    const tellSoon = () => {
      if (phase !== 'ended') self.send({ type: 'jobs.tell' });
    };
    const reports = gather<JobReport>(
      (together) => monitor.send({ type: 'jobs.reported', reports: together }),
      // Of many promises that are settled together, each goes on in a microtask of its own: this one comes behind them.
      () => queueMicrotask(tellSoon),
      reportsTogether,
    );
    const report = reports.add;
    const waiting = new WaitingJobs(report);
    const active = new ActiveJobs({ ...input, torrent, parent: self });
    let { lastId } = input;
    let phase: 'open' | 'finishing' | 'stopping' | 'ended' = 'open';
    let tally: Tally = { failed: 0, unfinished: 0 };
    const count = (ended: keyof Tally, jobs = 1) => {
      tally = { ...tally, [ended]: tally[ended] + jobs };
    };

    /** Of paused downloads, which must find out first what it is that they move. */
    const laterMoves = new Map<number, JobCommand>();
    const begin = (order: JobOrder, command?: JobCommand) => {
      waiting.delete(order.id);
      if (command?.kind === 'move' && isPausedOrder(order)) laterMoves.set(order.id, command);
      active.begin(order);
      if (phase === 'finishing') active.tell(order.id, { type: 'job.finish' });
      if (command && !laterMoves.has(order.id)) active.tell(order.id, commandEvent(command));
    };
    const moveNow = ({ id, state }: JobTag) => {
      const command = laterMoves.get(id);
      if (command === undefined || state === 'fetching') return;
      laterMoves.delete(id);
      active.tell(id, commandEvent(command));
    };
    const beginNext = () => {
      while (phase !== 'stopping' && active.hasPlace && waiting.hasNext && starts.take()) {
        const order = waiting.takeNext();
        if (order) begin(order);
      }
    };
    const starts = createSlices(startsATurn, beginNext);
    const take = (orders: readonly JobOrder[]) => {
      let changes: Change[] = [];
      // By way of this actor, as what active jobs report: so all are seen in their order.
      const showWaiting = () => {
        if (changes.length > 0) self.send({ type: 'jobs.changed', changes });
        changes = [];
      };
      for (const order of orders) {
        const mayBegin = active.hasPlace && !waiting.hasNext && !isAtRest(order);
        if (mayBegin && starts.take()) {
          showWaiting();
          begin(order);
        } else changes.push(...waiting.receive(order));
      }
      showWaiting();
      beginNext();
    };

    const ask = (instructions: readonly JobInstruction[]) => {
      const addedMs = Date.now();
      const orders = instructions.map((instruction) => ({ id: ++lastId, instruction }));
      const entries = orders.map((order) => ({ type: 'began', ...order, addedMs }) as const);
      report({ type: 'jobs.recorded', entries });
      take(orders);
    };

    const end = () => {
      reports.flush();
      if (phase !== 'ended') supervisor.send({ type: 'jobs.ended', tally });
      phase = 'ended';
    };
    const abandon = () => {
      count('unfinished', active.unfinished + waiting.unfinished);
      end();
    };
    /** After whatever may have ended a job, or let go of its place. */
    const goOn = () => {
      beginNext();
      if (phase !== 'open' && active.size + waiting.size === 0) end();
    };
    const stopWaiting = (order: JobOrder) => {
      waiting.stop(order);
      if (!stayedPaused(order)) count('unfinished');
      goOn();
    };
    const setPaused = (order: JobOrder, isPaused: boolean) => {
      if (waiting.isPaused(order.id) === isPaused) return;
      waiting.setPaused(order, isPaused);
      if (isPaused && phase === 'finishing') stopWaiting({ ...order, isPaused });
      beginNext();
    };
    const carryOut = (command: JobCommand) => {
      const { id, kind } = command;
      if (active.tell(id, commandEvent(command))) return;
      const order = waiting.get(id);
      if (order === undefined) {
        const message = `${kind}:${id}: no live job has the id ${id}`;
        const failure = { code: 'JOB_UNKNOWN', message } as const;
        report({ type: 'instruction.refused', id, command: kind, failure });
      } else if (kind === 'pause' || kind === 'resume') {
        setPaused(order, kind === 'pause');
      } else if (kind === 'remove') {
        waiting.remove(order);
        cleanUp(id);
        goOn();
      } else if (kind === 'verify') {
        waiting.setVerify(order);
      } else if (kind === 'announce') {
        const message = `announce: job ${id} is in no swarm yet; it announces by itself when it joins one`;
        const failure = { code: 'REFUSED', message } as const;
        report({ type: 'instruction.refused', id, command: kind, failure });
      } else {
        // What becomes of content is the job's own affair.
        begin(order, command);
      }
    };

    const ids = () => [...active.ids(), ...waiting.ids()].sort((a, b) => a - b);
    const repeatAll = createSweep(linesATurn, ids, (some) => {
      const lines = some.flatMap((id) => active.lastLine(id) ?? waiting.lastLine(id) ?? []);
      const changes = lines.map(
        ({ job, percent }) => ({ type: 'progress', ...job, percent, repeated: true }) as const,
      );
      report({ type: 'jobs.changed', changes });
    });
    const forEachOf = (visit: (id: number) => void) => (some: readonly number[]) =>
      some.forEach(visit);
    const finishAll = createSweep(
      stopsATurn,
      ids,
      forEachOf((id) => {
        const order = waiting.isPaused(id) ? waiting.get(id) : undefined;
        if (order) stopWaiting(order);
        active.tell(id, { type: 'job.finish' });
      }),
    );
    // By id, as lines are repeated, and slower: who was asked for a last line before says it before it stops.
    const stopAll = createSweep(
      stopsATurn,
      ids,
      forEachOf((id) => {
        // Of those who are abandoned nobody hears any more.
        const order = phase === 'ended' ? undefined : waiting.get(id);
        if (order) stopWaiting(order);
        active.tell(id, { type: 'job.stop' });
      }),
    );

    const onEnd = ({ id, kind, completed, stayedPaused: wasPaused }: Outcome) => {
      laterMoves.delete(id);
      if (!active.end(id)) return;
      if (kind === 'failed') count('failed');
      if (kind === 'stopped' && !completed && !wasPaused) count('unfinished');
      goOn();
    };
    /** A torrent machine that errs is a bug; it costs its own job alone. */
    const onCrash = (id: number, error: unknown) => {
      laterMoves.delete(id);
      const last = active.end(id);
      if (!last) return;
      cleanUp(id);
      const failure = { code: 'INTERNAL', message: `bug: ${String(error)}` } as const;
      const job = { ...last.tag, state: 'failed' } as const;
      report({ type: 'job.failed', job, percent: last.percent, failure });
      count('failed');
      goOn();
    };

    const hear = (heard: JobReport) => {
      report(heard);
      // Of these it keeps nothing.
      if (!('job' in heard) && heard.type !== 'job.recorded') return;
      active.hear(heard);
      if (heard.type === 'job.stateChanged') moveNow(heard.job);
      beginNext();
    };
    receive((event) => {
      if ('output' in event) return onEnd(event.output);
      if ('actorId' in event) return onCrash(jobIdOf(event.actorId), event.error);
      switch (event.type) {
        case 'jobs.asked':
          ask(event.instructions);
          break;
        case 'jobs.restored':
          take(event.orders);
          break;
        case 'job.commanded':
          carryOut(event.command);
          break;
        case 'jobs.repeat':
          repeatAll();
          break;
        case 'jobs.finish':
          phase = 'finishing';
          finishAll();
          goOn();
          break;
        case 'jobs.stop':
          phase = 'stopping';
          stopAll();
          goOn();
          break;
        case 'jobs.abandon':
          return abandon();
        case 'jobs.tell':
          return reports.flush();
        default:
          return hear(event);
      }
      // Behind what active jobs report of it: whoever asked is answered before anything else is asked.
      tellSoon();
    });
  });
