// A running helper as a user of the library has it: instructions in, jobs and changes out.
import type { InstructionParserEvent } from '../../machines/instruction-parser.js';
import type { SupervisorEvent, Tally } from '../../machines/supervisor.js';
import type {
  Change,
  Diagnostic,
  Failure,
  InputLine,
  JobCommand,
  JobOrder,
  JobTag,
  SessionEntry,
} from '../../machines/types.js';
import { HelperError, toHelperError } from '../errors.js';
import type { ActorSystem } from './actor-system.js';
import { type ChangeQueue, createChangeQueue } from './change-queue.js';
import { firstLines } from './first-lines.js';
import { HelperJob, type Job } from './job.js';

export interface JobOptions {
  /** Removes the job, and keeps its data, when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** What a session brought back; without one, nothing. */
export interface Restored {
  readonly jobCount: number;
  /** The id that the first job takes which is given after that. */
  readonly nextId: number;
}

export interface Helper extends AsyncDisposable {
  /** Where peers connect. */
  readonly peerPort: number;
  /** What torrents made here announce to, by tier (BEP 12). */
  readonly announce: readonly (readonly string[])[];
  /** The live jobs, by id. */
  readonly jobs: readonly Job[];
  /** Makes a torrent of a file or folder, publishes it, and seeds it from where it lies. */
  seed(path: string, options?: JobOptions): Job;
  /** Downloads and then seeds: a URL or path of a `.torrent`, a magnet link, or an info hash. */
  download(source: string, options?: JobOptions): Job;
  /** Carries out one line as stdin takes it; gives back the job that it began, if it began one. */
  send(line: string | InputLine): Job | undefined;
  /** Says that no instruction will follow; what then happens is the option `onEof`. */
  end(): void;
  /** Every change of every job from now on, until the helper is closed or `signal` aborts. */
  changes(options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<Change>;
  /** Resolves when the jobs that a session brought back have said their first line; after 2 s in any case. */
  readonly restored: Promise<Restored>;
  /** Resolves when no job is left after `end()`, or when the helper was told to stop: what did not end well. */
  readonly stopped: Promise<Tally>;
  /** Stops gracefully, within 5 s: last announces, data flushed, ports closed. Never rejects. */
  close(): Promise<void>;
}

export interface HelperParts {
  readonly system: ActorSystem;
  readonly peerPort: () => number;
  readonly announce: () => readonly (readonly string[])[];
  readonly onDiagnostic: ((diagnostic: Diagnostic) => void) | undefined;
  /** What the session brings back, by id. */
  readonly restore: readonly JobOrder[];
  /** Hears what the session has to know. */
  readonly onEntry: (entry: SessionEntry) => void;
  /** Closes what the helper has open, once its jobs have ended. */
  readonly release: () => Promise<void>;
}

export interface RunningHelper {
  readonly helper: Helper;
  /** Tells the user of something that concerns no job alone. */
  readonly warn: (failure: Failure) => void;
}

/** Starts the system. */
export function runHelper({
  system,
  peerPort,
  announce,
  onDiagnostic,
  restore,
  onEntry,
  release,
}: HelperParts): RunningHelper {
  const jobs = new Map<number, HelperJob>();
  const readers = new Set<ChangeQueue>();

  const stopped = new Promise<Tally>((resolve, reject) => {
    system.subscribe({
      next: (snapshot) => snapshot.output && resolve(snapshot.output),
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
  const jobOf = (tag: JobTag): HelperJob => {
    const known = jobs.get(tag.id);
    if (known) return known;
    const fresh = new HelperJob(tag, carryOut);
    jobs.set(tag.id, fresh);
    return fresh;
  };
  const carryOut = (command: JobCommand) =>
    tell({ type: 'instruction.given', instruction: command });
  const tellUser = (diagnostic: Diagnostic) => {
    if (!onDiagnostic) return;
    // Later, so that whoever hears it may give instructions: the system takes none while it is at work.
    queueMicrotask(() => {
      try {
        onDiagnostic(diagnostic);
      } catch {
        // What listeners throw is theirs, and no reason to stop.
      }
    });
  };
  monitor.on('stateChanged', ({ job: tag }) => {
    const job = jobOf(tag);
    HelperJob.onStateChanged(job, tag);
    if (tag.state !== 'removed') return;
    const isClosing = system.getSnapshot().matches('stopping');
    HelperJob.end(job, endedEarly(tag, isClosing ? 'CLOSED' : 'REMOVED'));
    jobs.delete(tag.id);
  });
  monitor.on('changed', ({ change }) => {
    const job = jobs.get(change.id);
    if (job) HelperJob.onChanged(job, change);
    for (const reader of readers) reader.push(change);
  });
  monitor.on('recorded', ({ entry }) => onEntry(entry));
  monitor.on('diagnosed', ({ diagnostic }) => {
    const job = 'id' in diagnostic ? jobs.get(diagnostic.id ?? 0) : undefined;
    if (job) {
      HelperJob.onDiagnosed(job, diagnostic);
      if (diagnostic.kind === 'failed') jobs.delete(job.id);
    }
    tellUser(diagnostic);
  });
  const brought = { jobCount: restore.length, nextId: system.getSnapshot().context.lastId + 1 };
  const restored = firstLines(monitor, restore).then(() => brought);
  system.start();
  for (const order of restore) tell({ type: 'job.restored', order });

  const begin = (give: () => void): HelperJob | undefined => {
    const before = system.getSnapshot().context.lastId;
    const begun: { job?: HelperJob } = {};
    const listening = monitor.on('stateChanged', ({ job }) => {
      if (job.id === before + 1) begun.job ??= jobOf(job);
    });
    give();
    listening.unsubscribe();
    return begun.job;
  };

  const beginJob = (kind: 'seed' | 'download', given: string, { signal }: JobOptions = {}): Job => {
    const job = begin(() => tell({ type: 'job.asked', instruction: { kind, given } }));
    if (!job) {
      const reason = 'the helper is closed, or was told that nothing follows';
      throw new HelperError('CLOSED', `${given}: ${reason}`);
    }
    const remove = () => job.remove();
    if (signal?.aborted) remove();
    else signal?.addEventListener('abort', remove, { once: true, signal: HelperJob.over(job) });
    return job;
  };

  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      tell({ type: 'helper.stop' });
      await stopped.catch(() => {});
      for (const reader of readers) reader.close();
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
      return [...jobs.values()];
    },
    seed: (path, options) => beginJob('seed', path, options),
    download: (source, options) => beginJob('download', source, options),
    send: (line) =>
      begin(() =>
        tellParser({
          type: 'line.read',
          line: typeof line === 'string' ? { kind: 'text', text: line, ended: true } : line,
        }),
      ),
    end: () => tellParser({ type: 'input.ended' }),
    changes({ signal } = {}) {
      const reader = createChangeQueue({ signal, onDone: () => readers.delete(reader) });
      readers.add(reader);
      if (closing) reader.close();
      return reader;
    },
    restored,
    stopped,
    close,
    [Symbol.asyncDispose]: close,
  };
  return {
    helper,
    warn: ({ code, message }) => {
      if (monitor.getSnapshot().status !== 'active') return;
      monitor.send({ type: 'helper.warned', failure: { code, message } });
    },
  };
}

function endedEarly({ id, file }: JobTag, code: 'REMOVED' | 'CLOSED'): HelperError {
  const job = `job ${id} (${file})`;
  const message = {
    REMOVED: `${job} was removed before it was done`,
    CLOSED: `the helper was closed before ${job} was done`,
  };
  return new HelperError(code, message[code]);
}
