// What the engine was asked for and is not over yet: torrents joined, and searches for metadata. It outlives the workers,
// so that each new one is asked for all of it again; who asked is told of the interruption, and sees no other engine.
import type { SwarmEvent } from '../../../machines/types.js';
import type { Engine, JoinRequest, MetadataFound, Swarm } from '../../engine/engine.js';
import { HelperError, toFailure } from '../../errors.js';
import { type EngineCommand, type EngineReport, helperError } from '../messages.js';

/** The engine keeps its own deadlines, below this; one that hangs keeps none. */
const ANSWER_DEADLINE_MS = 5_000;
/** The torrent that brings the engine down so often is not joined again. */
const MOST_CRASHES = 3;

export interface Interruption {
  readonly error: HelperError;
  /** The torrent that brought the engine down, if that is known. */
  readonly infoHash: string | undefined;
}

export interface PendingRequests extends Pick<Engine, 'join' | 'left' | 'fetchMetadata'> {
  /** A worker is open: asks it for everything, in the order in which it was asked for. */
  resume(post: (command: EngineCommand) => void): void;
  /** That worker crashed: whoever asked for something hears of it. */
  interrupt(interruption: Interruption): void;
  /** That worker is over, and answers no more. `ended` resolves when it has closed its files. */
  detach(ended: Promise<void>): void;
  /** What the worker reports of its torrents. */
  onReport(report: EngineReport): void;
  /** There is to be no worker at all: everything fails, and nothing is asked for any more. */
  abandon(error: HelperError): void;
  /** Nothing is asked for any more. */
  close(): void;
}

interface PendingRequest {
  readonly infoHash: string;
  readonly command: EngineCommand;
  onReport(report: EngineReport): void;
  interrupt(error: HelperError): void;
  fail(error: HelperError): void;
}

export function createPendingRequests(): PendingRequests {
  const pending = new Map<number, PendingRequest>();
  const unanswered = new Map<number, () => void>();
  const crashes = new Map<string, number>();
  let lastNumber = 0;
  let post: ((command: EngineCommand) => void) | undefined;
  let lastEnded = Promise.resolve();
  let isClosed = false;

  const add = (id: number, request: PendingRequest) => {
    pending.set(id, request);
    post?.(request.command);
  };

  /** Resolves when the engine has answered, has crashed, or is late. */
  const ask = (commandOf: (call: number) => EngineCommand): Promise<void> => {
    const ready = post;
    if (ready === undefined) return lastEnded;
    return new Promise((resolve) => {
      lastNumber += 1;
      const call = lastNumber;
      const settle = () => {
        clearTimeout(timer);
        unanswered.delete(call);
        resolve();
      };
      const timer = setTimeout(settle, ANSWER_DEADLINE_MS).unref();
      unanswered.set(call, settle);
      ready(commandOf(call));
    });
  };

  /** Says whether the torrent has done it too often. */
  const countCrash = (infoHash: string): boolean => {
    const count = (crashes.get(infoHash) ?? 0) + 1;
    crashes.set(infoHash, count);
    if (count < MOST_CRASHES) return false;
    crashes.delete(infoHash);
    return true;
  };

  return {
    join(request, listener) {
      if (isClosed) return joinClosed(listener);
      lastNumber += 1;
      const id = lastNumber;
      const over = () => pending.delete(id);
      add(id, swarmRequest(id, request, listener, over));
      let leaving: Promise<void> | undefined;
      return {
        leave() {
          over();
          leaving ??= ask((call) => ({ type: 'leave', id, call }));
          return leaving;
        },
      };
    },

    left: (infoHash) => ask((call) => ({ type: 'left', infoHash, call })),

    fetchMetadata: (request, signal, onWarning) =>
      new Promise<MetadataFound>((resolve, reject) => {
        if (isClosed) return reject(closed('the metadata was asked for'));
        if (signal.aborted) return reject(signal.reason);
        lastNumber += 1;
        const id = lastNumber;
        const over = () => {
          pending.delete(id);
          signal.removeEventListener('abort', abort);
        };
        const fail = (error: unknown) => {
          over();
          reject(error);
        };
        const abort = () => {
          post?.({ type: 'cancel', id });
          fail(signal.reason);
        };
        signal.addEventListener('abort', abort);
        add(id, {
          infoHash: request.infoHash,
          command: { type: 'search', id, request },
          onReport(report) {
            if (report.type === 'warned') onWarning(report.failure);
            if (report.type === 'not-found') fail(helperError(report.error));
            if (report.type !== 'found') return;
            over();
            resolve(report.found);
          },
          interrupt: () => {},
          fail,
        });
      }),

    resume(newPost) {
      post = newPost;
      for (const { command } of pending.values()) newPost(command);
    },

    detach(ended) {
      if (post === undefined) return;
      post = undefined;
      lastEnded = ended;
      const waiting = [...unanswered.values()];
      void ended.then(() => {
        for (const settle of waiting) settle();
      });
    },

    interrupt({ error, infoHash }) {
      const culprit = infoHash !== undefined && countCrash(infoHash) ? infoHash : undefined;
      for (const [id, request] of [...pending]) {
        // One that was told may have made another leave.
        if (!pending.has(id)) continue;
        if (request.infoHash === culprit) request.fail(broughtDown(culprit, error));
        else request.interrupt(error);
      }
    },

    onReport(report) {
      if (report.type === 'done') unanswered.get(report.call)?.();
      else if ('id' in report) pending.get(report.id)?.onReport(report);
    },

    abandon(error) {
      isClosed = true;
      for (const request of [...pending.values()]) request.fail(error);
    },

    close() {
      isClosed = true;
      for (const request of [...pending.values()]) {
        if (request.command.type === 'search') request.fail(closed('the metadata was found'));
      }
      pending.clear();
    },
  };
}

function swarmRequest(
  id: number,
  request: JoinRequest,
  listener: (event: SwarmEvent) => void,
  over: () => void,
): PendingRequest {
  return {
    infoHash: request.metainfo.infoHash,
    command: { type: 'join', id, request },
    onReport(report) {
      if (report.type !== 'told') return;
      const { event } = report;
      // Nothing follows these: it is not to be joined again.
      if (event.type === 'swarm.failed' || event.type === 'storage.error') over();
      listener(event);
    },
    interrupt: (error) => listener({ type: 'swarm.interrupted', failure: toFailure(error) }),
    fail(error) {
      over();
      listener({ type: 'swarm.failed', failure: toFailure(error) });
    },
  };
}

function joinClosed(listener: (event: SwarmEvent) => void): Swarm {
  let isLeft = false;
  queueMicrotask(() => {
    const failure = toFailure(closed('the torrent was joined'));
    if (!isLeft) listener({ type: 'swarm.failed', failure });
  });
  return {
    async leave() {
      isLeft = true;
    },
  };
}

function closed(before: string): HelperError {
  return new HelperError('CLOSED', `the helper was closed before ${before}`);
}

function broughtDown(infoHash: string, { message }: HelperError): HelperError {
  return new HelperError(
    'ENGINE_CRASH',
    `torrent ${infoHash} has brought the engine down ${MOST_CRASHES} times, and is not joined again; this is a bug: please report it, with what was told last: ${message}`,
  );
}
