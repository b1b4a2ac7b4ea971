// Runs a helper: gives the machines what is asked of it, and its user what the monitor hears.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { InstructionParserEvent } from '../../machines/instruction-parser.js';
import type { SupervisorEvent, Tally } from '../../machines/supervisor.js';
import type {
  Change,
  Diagnostic,
  Failure,
  InputLine,
  JobEnd,
  JobInstruction,
  JobOrder,
  SessionEntry,
} from '../../machines/types.js';
import { createDeferred } from '../async/deferred.js';
import { HelperError, toFailure, toHelperError } from '../errors.js';
import {
  checkAllStatsOptions,
  checkChangesOptions,
  checkEventsOptions,
  checkLine,
} from '../options/check-arguments.js';
import type { ActorSystem } from './actor-system.js';
import { createChangeFeed } from './events/change-feed.js';
import { createEventFeed } from './events/event-feed.js';
import { firstLines } from './events/first-lines.js';
import { createLifeEvents } from './events/life-events.js';
import type { Helper, JobOptions, Restored } from './helper.js';
import { HelperJob, type JobLinks } from './helper-job.js';
import { JobRegistry } from './job-registry.js';
import type { Job } from './jobs/job.js';
import { downloadInstruction, releaseMetainfo, seedInstruction } from './jobs/job-instruction.js';
import { tellDiagnostic } from './listeners.js';
import { addMoved, helperStats, nothingMoved } from './stats/helper-stats.js';
import { StatsListeners } from './stats/stats-listeners.js';
import type { WatchTorrent } from './stats/torrent-paces.js';

export interface HelperParts {
  readonly system: ActorSystem;
  /** Jobs count on from here. */
  readonly lastId: number;
  readonly peerPort: () => number;
  readonly announce: () => readonly (readonly string[])[];
  /** Resolves when the engine has let go of a torrent's files. */
  readonly left: (infoHash: string) => Promise<void>;
  /** Tells the engine how often a torrent is to be measured, and whether closely; undefined: no more. */
  readonly watch: WatchTorrent;
  readonly onDiagnostic: ((diagnostic: Diagnostic) => void) | undefined;
  /** What the session brings back, by id. */
  readonly restore: readonly JobOrder[];
  /** Left out: nothing of the jobs outlives the helper. */
  readonly hasSession?: boolean;
  /** Hears what the session has to know. */
  readonly onEntry: (entry: SessionEntry) => void;
  /** A job is there. */
  readonly onJob?: (() => void) | undefined;
  /** Closes what the helper has open, once its jobs have ended. */
  readonly release: () => Promise<void>;
}

export interface RunningHelper {
  readonly helper: Helper;
  /** As `send` for each of them, at less cost. */
  readonly give: (lines: readonly InputLine[]) => void;
  /** As its `changes`, but without those of states alone. */
  readonly lines: () => AsyncIterable<readonly Change[]>;
  /** Resolves when every job of the session is there. */
  readonly givenBack: Promise<void>;
  /** Resolves when the helper was told to stop. */
  readonly stopping: Promise<void>;
  /** Tells the user of something that concerns no job alone. */
  readonly warn: (failure: Failure) => void;
  /** Closes it; what is not done rejects with `reason` as its cause. */
  readonly closeFor: (reason: unknown) => Promise<void>;
}

const restoredATurn = 256;

/** Starts the system. */
export function runHelper({
  system,
  lastId,
  peerPort,
  announce,
  left,
  watch,
  onDiagnostic,
  restore,
  hasSession = false,
  onEntry,
  onJob = () => {},
  release,
}: HelperParts): RunningHelper {
  const feed = createEventFeed(() => listeners.attend());
  const events = createLifeEvents(feed, restore);
  const changes = createChangeFeed();

  const toldToStop = createDeferred<void>();
  const stopped = new Promise<Tally>((resolve, reject) => {
    system.subscribe({
      next: ({ value, output }) => {
        if (value === 'stopping') toldToStop.resolve();
        if (output) resolve(output);
      },
      error: (error) => reject(toHelperError(error)),
    });
  });
  stopped.catch(() => {});

  const { monitor, parser } = system.getSnapshot().context;
  // What comes after the end is dropped.
  const tell = (event: SupervisorEvent) => {
    if (system.getSnapshot().status === 'active') system.send(event);
  };
  const tellParser = (event: InstructionParserEvent) => {
    if (parser.getSnapshot().status === 'active') parser.send(event);
  };
  const give = (lines: readonly InputLine[]) => tellParser({ type: 'lines.read', lines });
  const listeners = new StatsListeners({
    watch,
    jobs: () => jobs.all,
    job: (id) => jobs.get(id),
  });
  let moved = nothingMoved;
  const links: JobLinks = {
    listeners,
    carryOut: (command) => tell({ type: 'jobs.commanded', commands: [command] }),
    left,
  };
  const jobs = new JobRegistry(links, restore);
  const tellUser = (diagnostic: Diagnostic) => {
    if (!onDiagnostic) return;
    // Later, so that whoever hears it may give instructions: the system takes none while it is at work.
    queueMicrotask(() =>
      tellDiagnostic(onDiagnostic, diagnostic, (threw) =>
        events.onDiagnosed(threw, undefined, false),
      ),
    );
  };
  let closeReason: unknown;
  const endJob = (end: JobEnd) => {
    const job = jobs.end(end.id);
    if (!job) return;
    HelperJob.onEnd(job, end, closeReason);
    moved = addMoved(moved, job.stats);
    events.onEnd(end, job);
  };
  const onChange = (change: Change) => {
    const known = jobs.get(change.id);
    const from = known?.state;
    const wasDone = known?.doneMs !== undefined;
    if (known) HelperJob.onChanged(known, change);
    if (known?.doneMs !== undefined && !wasDone) {
      onEntry({ type: 'done', id: known.id, doneMs: known.doneMs });
    }
    const job = known ?? (change.type === 'state' ? jobs.add(change) : undefined);
    if (job && !known) onJob();
    if (job) events.onChanged(job, change, from);
    changes.tell(change);
  };
  monitor.on('changed', (emitted) => emitted.changes.forEach(onChange));
  monitor.on('measured', ({ id, measure }) => {
    const job = jobs.get(id);
    if (job) HelperJob.onMeasured(job, measure);
  });
  monitor.on('trackerChanged', ({ id, tracker }) => {
    const job = jobs.get(id);
    if (job) events.onTracker(tracker, job);
  });
  monitor.on('stopping', () => feed.tell(() => ({ type: 'helper.stopping' })));
  monitor.on('ended', ({ end }) => endJob(end));
  const onRecorded = (entry: SessionEntry) => {
    const job = jobs.get(entry.id);
    if (entry.type === 'began') jobs.began(entry.id, entry.instruction, entry.addedMs);
    if (job && entry.type === 'located') {
      HelperJob.onLocated(job, entry.located);
      // A session keeps it as it came, too, and lets go of it then.
      if (!hasSession) releaseMetainfo(HelperJob.instruction(job));
    }
    events.onRecorded(entry, job);
    onEntry(entry);
  };
  monitor.on('recorded', ({ entries }) => entries.forEach(onRecorded));
  monitor.on('diagnosed', ({ diagnostic }) => {
    const job = 'id' in diagnostic ? jobs.get(diagnostic.id ?? 0) : undefined;
    const isAnswered = job !== undefined && HelperJob.onDiagnosed(job, diagnostic);
    events.onDiagnosed(diagnostic, job, isAnswered);
    tellUser(diagnostic);
  });
  const abandon = (failure: Failure | undefined) => {
    const end = failure ? 'failed' : 'stopped';
    for (const job of jobs.all) {
      const { id, file } = job;
      if (failure) events.onDiagnosed({ kind: 'failed', id, file, failure }, job, false);
      endJob({ id, end, failure });
    }
  };
  const closeReaders = () => {
    changes.close();
    listeners.close();
    feed.close();
  };
  // Whatever has become of them, nobody is to wait for them any more.
  stopped.then(
    () => abandon(undefined),
    (error: unknown) => {
      abandon(toFailure(error));
      closeReaders();
    },
  );
  const restored = firstLines(monitor, restore).then((): Restored => {
    setImmediate(() => {
      changes.forgetBeginning();
      feed.forgetBeginning();
    });
    const came = { jobCount: restore.length, nextId: lastId + 1 };
    feed.tell(() => ({ type: 'helper.restored', ...came }));
    return came;
  });
  system.start();
  const givenBack = (async () => {
    for (let at = 0; at < restore.length; at += restoredATurn) {
      if (at > 0) await nextTurn();
      tell({ type: 'jobs.restored', orders: restore.slice(at, at + restoredATurn) });
    }
  })();

  const beginJob = (instruction: JobInstruction, options: JobOptions): Job => {
    const job = jobs.take(instruction, () =>
      tell({ type: 'jobs.asked', instructions: [instruction] }),
    );
    if (!job) {
      const reason = 'the helper is closed, or was told that nothing follows';
      throw new HelperError('CLOSED', `${instruction.given}: ${reason}`, { cause: closeReason });
    }
    const { signal } = options;
    const remove = () => void HelperJob.removeFor(job, signal?.reason);
    if (signal?.aborted) remove();
    else signal?.addEventListener('abort', remove, { once: true, signal: HelperJob.ending(job) });
    return job;
  };

  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      tell({ type: 'helper.stop' });
      await stopped.catch(() => {});
      closeReaders();
      await release();
    })();
    return closing;
  };

  const helper: Helper = {
    get peerPort() {
      return peerPort();
    },
    get announce() {
      return announce();
    },
    get jobs() {
      return jobs.all;
    },
    get nextId() {
      return Math.max(lastId, jobs.lastId) + 1;
    },
    job: (id) => jobs.get(id),
    jobByKey: (key) => jobs.byKey(key),
    seed: (path, options = {}) => beginJob(seedInstruction(path, options), options),
    download: (source, options = {}) => beginJob(downloadInstruction(source, options), options),
    send(line) {
      checkLine(line);
      const given =
        typeof line === 'string' ? ({ kind: 'text', text: line, ended: true } as const) : line;
      return jobs.begunBy(() => give([given]));
    },
    end: () => tellParser({ type: 'input.ended' }),
    changes(options = {}) {
      const { signal } = checkChangesOptions(options);
      return changes.read({ signal });
    },
    get stats() {
      return helperStats(jobs.all, moved);
    },
    statsChanges: (options = {}) => listeners.readAll(checkAllStatsOptions(options)),
    events(options = {}) {
      checkEventsOptions(options);
      return feed.read(options.signal);
    },
    restored,
    stopped,
    close,
    [Symbol.asyncDispose]: close,
  };
  return {
    helper,
    give,
    lines: () => changes.read({ isWanted: ({ type }) => type === 'progress' }).batches(),
    givenBack,
    stopping: toldToStop.promise,
    warn: ({ code, message }) => {
      if (monitor.getSnapshot().status !== 'active') return;
      monitor.send({ type: 'helper.warned', failure: { code, message } });
    },
    closeFor(reason) {
      closeReason ??= reason;
      return close();
    },
  };
}
