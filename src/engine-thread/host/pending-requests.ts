// What the engine was asked for and is not over yet: torrents joined, and searches for metadata. It outlives the engine's
// lives, so that each new one is asked for all of it again; who asked hears of an end in between, and no dead engine.
import type { SwarmEvent } from '../../../machines/types.js';
import type { Engine, JoinRequest, MetadataFound, Swarm } from '../../engine/engine.js';
import { HelperError, toFailure } from '../../errors.js';
import { type Command, helperError, type Report } from '../messages.js';

/** The engine keeps its own deadlines, below this; one that hangs keeps none. */
const ANSWER_DEADLINE_MS = 5_000;
/** The torrent that brings the engine down so often is not joined again. */
const MOST_DEATHS = 3;

export interface Interruption {
  readonly error: HelperError;
  /** The torrent that brought the engine down, if that is known. */
  readonly infoHash: string | undefined;
}

export interface PendingRequests extends Pick<Engine, 'join' | 'left' | 'fetchMetadata'> {
  /** A life is open: asks it for everything, in the order in which it was asked for. */
  resume(post: (command: Command) => void): void;
  /** That life died: whoever undertook something hears of it. */
  interrupt(interruption: Interruption): void;
  /** That life is over, and answers no more. `gone` resolves when it has let go of its files. */
  detach(gone: Promise<void>): void;
  /** What the life reports of its torrents. */
  take(report: Report): void;
  /** There is to be no life at all: everything fails, and nothing is undertaken any more. */
  abandon(error: HelperError): void;
  /** Nothing is undertaken any more. */
  close(): void;
}

interface Undertaking {
  readonly infoHash: string;
  readonly command: Command;
  take(report: Report): void;
  interrupt(error: HelperError): void;
  fail(error: HelperError): void;
}

export function createPendingRequests(): PendingRequests {
  const pendingRequests = new Map<number, Undertaking>();
  const unanswered = new Map<number, () => void>();
  const deaths = new Map<string, number>();
  let lastNumber = 0;
  let post: ((command: Command) => void) | undefined;
  let lastGone = Promise.resolve();
  let isClosed = false;

  const undertake = (id: number, undertaking: Undertaking) => {
    pendingRequests.set(id, undertaking);
    post?.(undertaking.command);
  };

  /** Resolves when the engine has answered, is dead, or is late. */
  const ask = (commandOf: (call: number) => Command): Promise<void> => {
    const ready = post;
    if (ready === undefined) return lastGone;
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
  const countDeath = (infoHash: string): boolean => {
    const count = (deaths.get(infoHash) ?? 0) + 1;
    deaths.set(infoHash, count);
    if (count < MOST_DEATHS) return false;
    deaths.delete(infoHash);
    return true;
  };

  return {
    join(request, listener) {
      if (isClosed) return joinClosed(listener);
      lastNumber += 1;
      const id = lastNumber;
      const over = () => pendingRequests.delete(id);
      undertake(id, swarmUndertaking(id, request, listener, over));
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
          pendingRequests.delete(id);
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
        undertake(id, {
          infoHash: request.infoHash,
          command: { type: 'search', id, request },
          take(report) {
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
      for (const { command } of pendingRequests.values()) newPost(command);
    },

    detach(gone) {
      if (post === undefined) return;
      post = undefined;
      lastGone = gone;
      const waiting = [...unanswered.values()];
      void gone.then(() => {
        for (const settle of waiting) settle();
      });
    },

    interrupt({ error, infoHash }) {
      const culprit = infoHash !== undefined && countDeath(infoHash) ? infoHash : undefined;
      for (const [id, undertaking] of [...pendingRequests]) {
        // One that was told may have made another leave.
        if (!pendingRequests.has(id)) continue;
        if (undertaking.infoHash === culprit) undertaking.fail(broughtDown(culprit, error));
        else undertaking.interrupt(error);
      }
    },

    take(report) {
      if (report.type === 'done') unanswered.get(report.call)?.();
      else if ('id' in report) pendingRequests.get(report.id)?.take(report);
    },

    abandon(error) {
      isClosed = true;
      for (const undertaking of [...pendingRequests.values()]) undertaking.fail(error);
    },

    close() {
      isClosed = true;
      for (const undertaking of [...pendingRequests.values()]) {
        if (undertaking.command.type === 'search')
          undertaking.fail(closed('the metadata was found'));
      }
      pendingRequests.clear();
    },
  };
}

function swarmUndertaking(
  id: number,
  request: JoinRequest,
  listener: (event: SwarmEvent) => void,
  over: () => void,
): Undertaking {
  return {
    infoHash: request.metainfo.infoHash,
    command: { type: 'join', id, request },
    take(report) {
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
    `torrent ${infoHash} has brought the engine down ${MOST_DEATHS} times, and is not joined again; this is a bug: please report it, with what was told last: ${message}`,
  );
}
