// A running helper as a user of the library holds it: instructions in, jobs and changes out.

import type { InstructionParserEvent } from '../machines/instruction-parser.js';
import type { SupervisorEvent, Tally } from '../machines/supervisor.js';
import type { Change, Diagnostic, InputLine, JobTag } from '../machines/vocabulary.js';
import { type ChangeQueue, createChangeQueue } from './change-queue.js';
import { HelperError, toHelperError } from './errors.js';
import { createJob, type Job, type KeptJob } from './job.js';
import type { System } from './system.js';

export interface JobOptions {
  /** Removes the job, and keeps its data, when it aborts. */
  readonly signal?: AbortSignal | undefined;
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
  /** Resolves when no job is left after `end()`, or when the helper was told to stop: what did not end well. */
  readonly stopped: Promise<Tally>;
  /** Stops gracefully, within 5 s: last announces, data flushed, ports closed. Never rejects. */
  close(): Promise<void>;
}

export interface HelperParts {
  readonly system: System;
  readonly peerPort: number;
  readonly announce: readonly (readonly string[])[];
  readonly onDiagnostic: ((diagnostic: Diagnostic) => void) | undefined;
  /** Releases what the helper holds once its jobs have ended. */
  readonly release: () => Promise<void>;
}

/** Starts the system. */
export function runHelper({
  system,
  peerPort,
  announce,
  onDiagnostic,
  release,
}: HelperParts): Helper {
  const kept = new Map<number, KeptJob>();
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
  const keep = (id: number): KeptJob => {
    const known = kept.get(id);
    if (known) return known;
    const fresh = createJob(id, (jobId, command) =>
      tell({ type: 'instruction.given', instruction: { kind: command, id: jobId } }),
    );
    kept.set(id, fresh);
    return fresh;
  };
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
  monitor.on('moved', ({ job }) => {
    const moved = keep(job.id);
    moved.onMoved(job);
    if (job.state !== 'removed') return;
    moved.end(letGo(job, system.getSnapshot().matches('stopping') ? 'CLOSED' : 'REMOVED'));
    kept.delete(job.id);
  });
  monitor.on('changed', ({ change }) => {
    kept.get(change.id)?.onChanged(change);
    for (const reader of readers) reader.push(change);
  });
  monitor.on('diagnosed', ({ diagnostic }) => {
    if ('id' in diagnostic && diagnostic.id !== undefined) {
      kept.get(diagnostic.id)?.onDiagnosed(diagnostic);
      if (diagnostic.kind === 'failed') kept.delete(diagnostic.id);
    }
    tellUser(diagnostic);
  });
  system.start();

  const begin = (give: () => void): Job | undefined => {
    const before = system.getSnapshot().context.lastId;
    const begun: { job?: Job } = {};
    const listening = monitor.on('moved', ({ job }) => {
      if (job.id === before + 1) begun.job ??= keep(job.id).job;
    });
    give();
    listening.unsubscribe();
    return begun.job;
  };

  const beginJob = (kind: 'seed' | 'download', given: string, { signal }: JobOptions = {}): Job => {
    const job = begin(() => tell({ type: 'instruction.given', instruction: { kind, given } }));
    if (!job) {
      const reason = 'the helper is closed, or was told that nothing follows';
      throw new HelperError('CLOSED', `${given}: ${reason}`);
    }
    const remove = () => job.remove();
    const over = kept.get(job.id)?.over;
    if (signal?.aborted) remove();
    else if (over) signal?.addEventListener('abort', remove, { once: true, signal: over });
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

  return {
    peerPort,
    announce,
    get jobs() {
      return [...kept.values()].map(({ job }) => job);
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
    stopped,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function letGo({ id, file }: JobTag, code: 'REMOVED' | 'CLOSED'): HelperError {
  const job = `job ${id} (${file})`;
  const message = {
    REMOVED: `${job} was removed before it was done`,
    CLOSED: `the helper was closed before ${job} was done`,
  };
  return new HelperError(code, message[code]);
}
