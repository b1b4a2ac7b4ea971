// The engine as the rest of the helper has it: in a worker thread, started again when it crashes or hangs. The chart
// machines/engine.ts says when a worker is started; here is what is done with it.
import {
  createActor,
  type EventObject,
  fromCallback,
  type InspectionEvent,
  type Observer,
} from 'xstate';
import { engineMachine, type WorkerEvent, type WorkerInput } from '../../../machines/engine.js';
import { withTimeout } from '../../async/with-timeout.js';
import type { Engine, EngineOptions } from '../../engine/engine.js';
import { HelperError, toFailure, toHelperError } from '../../errors.js';
import { type EngineReport, helperError } from '../messages.js';
import { createPendingRequests } from '../requests/pending-requests.js';
import { type EngineThread, livePiecesInHeap, startEngineThread } from './engine-thread.js';
import { createWorkerHandle, type WorkerCrash, type WorkerHandle } from './worker-handle.js';

type AnnounceReport = Extract<EngineReport, { type: 'asks-tracker' }>;

/** The last thread ends in this time; nobody waits for it longer. */
const END_DEADLINE_MS = 300;

export interface HostOptions {
  readonly workerUrl: URL;
  /** Where the compiled code of its threads is cached. */
  readonly codeFolder: string;
  /** One that was started before, for the first worker. */
  readonly firstThread: EngineThread;
  /** How often the heartbeat is checked; there are four beats a second. */
  readonly checkEveryMs: number;
  /** How many pieces the torrents in it may have together. */
  readonly livePieces: number;
  /** Sees its actors. It must not throw. */
  readonly inspect: Observer<InspectionEvent>;
}

export interface SupervisedEngine {
  /** Takes everything at once, and does it when it is open. Until then its peer port is 0. */
  readonly engine: Engine;
  /**
   * Rejects as `startEngine` does, with `PORT_TAKEN`, or with `CLOSED` if it was closed before it was open; all that it had
   * taken has failed then. Once it has resolved, the engine never fails for good.
   */
  readonly open: Promise<void>;
}

/**
 * Starts the thread at once, and the engine in it as soon as the options are known. `onWarning` hears of each crash.
 */
export function superviseEngine(
  options: EngineOptions | Promise<EngineOptions>,
  onWarning: (error: HelperError) => void,
  {
    workerUrl,
    codeFolder,
    firstThread,
    checkEveryMs = 1_000,
    livePieces = livePiecesInHeap,
    inspect,
  }: Partial<HostOptions> = {},
): SupervisedEngine {
  const pendingRequests = createPendingRequests(livePieces);
  let latest: WorkerHandle | undefined;
  let spare = firstThread;
  const takeThread = () => {
    const thread = spare ?? startEngineThread({ workerUrl, codeFolder });
    spare = undefined;
    return thread;
  };
  let peerPort: number | undefined;
  let refusal: HelperError | undefined;
  let isClosing = false;

  const worker = fromCallback<EventObject, WorkerInput>(({ input, sendBack, receive }) => {
    const tell = (event: WorkerEvent) => sendBack(event);
    let hasOpened = false;

    const onReport = (report: EngineReport) => {
      switch (report.type) {
        case 'opened':
          hasOpened = true;
          if (peerPort !== undefined && peerPort !== report.peerPort) {
            onWarning(portChanged(peerPort, report.peerPort));
          }
          peerPort = report.peerPort;
          tell({ type: 'engine.opened', peerPort });
          pendingRequests.resume(current.post);
          break;
        case 'refused':
          refusal = helperError(report.error);
          tell({ type: 'engine.refused', failure: toFailure(refusal) });
          break;
        case 'asks-tracker':
          void answerAnnounce(report);
          break;
        case 'closed':
          tell({ type: 'engine.closed' });
          break;
        default:
          pendingRequests.onReport(report);
      }
    };

    /** One that has crashed meanwhile hears of nothing. */
    const answerAnnounce = async ({ call, announce }: AnnounceReport) => {
      const { askOwnTracker } = await known;
      const answer = await askOwnTracker?.(announce);
      current.post({ type: 'tracker-answered', call, answer });
    };

    const onCrash = ({ reason, infoHash, isOutOfMemory }: WorkerCrash) => {
      const error = stopped(reason, isOutOfMemory ? undefined : infoHash);
      refusal = new HelperError('INTERNAL', `bug: the engine did not start: ${reason}`);
      const { ended } = current;
      pendingRequests.detach(ended);
      const told = hasOpened
        ? pendingRequests.interrupt({ error, infoHash, isOutOfMemory })
        : Promise.resolve();
      if (peerPort !== undefined && !isClosing) onWarning(error);
      // Not before: the next worker wants the same port and the same files, and its torrents are told of as joined.
      void Promise.all([ended, told]).then(() =>
        tell({ type: 'engine.crashed', failure: toFailure(error) }),
      );
    };

    const current = createWorkerHandle({ thread: takeThread(), checkEveryMs, onReport, onCrash });
    latest = current;
    known.then(
      ({ askOwnTracker, ...asked }) =>
        current.post({ type: 'open', options: { ...asked, port: input.port ?? asked.port } }),
      () => {},
    );
    receive(() => {
      if (hasOpened) current.post({ type: 'close' });
      // It has nothing to close yet.
      else tell({ type: 'engine.closed' });
    });
    return () => {
      current.end();
      pendingRequests.detach(current.ended);
    };
  });

  const actor = createActor(engineMachine.provide({ actors: { worker } }), {
    id: 'engine',
    ...(inspect && { inspect }),
  });
  const known = Promise.resolve(options);
  known.catch((error: unknown) => {
    refusal = toHelperError(error);
    actor.send({ type: 'engine.close' });
  });

  const over = new Promise<void>((resolve) => {
    actor.subscribe({ complete: resolve, error: () => resolve() });
  }).then(() => withTimeout(END_DEADLINE_MS, latest?.ended ?? Promise.resolve()));
  const close = async () => {
    isClosing = true;
    pendingRequests.close();
    if (actor.getSnapshot().status === 'active') actor.send({ type: 'engine.close' });
    await over;
  };
  let closing: Promise<void> | undefined;

  const open = new Promise<void>((resolve, reject) => {
    actor.subscribe({
      next: (snapshot) => snapshot.matches({ alive: 'running' }) && resolve(),
      error: reject,
    });
    void over.then(() => {
      const error = isClosing ? closedEarly() : (refusal ?? notInTime());
      if (peerPort === undefined) pendingRequests.abandon(error);
      reject(error);
    });
  });
  open.catch(() => {});
  actor.start();
  const engine: Engine = {
    get peerPort() {
      return peerPort ?? 0;
    },
    join: pendingRequests.join,
    left: pendingRequests.left,
    watch: pendingRequests.watch,
    fetchMetadata: pendingRequests.fetchMetadata,
    prepareToClose: () => {
      if (peerPort !== undefined) latest?.post({ type: 'prepare-to-close' });
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
  return { engine, open };
}

function notInTime(): HelperError {
  return new HelperError('INTERNAL', 'bug: the engine did not start in time');
}

function closedEarly(): HelperError {
  return new HelperError('CLOSED', 'the engine was closed before it was open');
}

function stopped(reason: string, infoHash: string | undefined): HelperError {
  const whose = infoHash === undefined ? '' : ` at work on torrent ${infoHash}`;
  return new HelperError(
    'INTERNAL',
    `the engine stopped${whose} (${reason}); it is started again, and its torrents go on`,
  );
}

function portChanged(from: number, to: number): HelperError {
  return new HelperError(
    'PORT_TAKEN',
    `peer port ${from} was taken while the engine was started again; peers now reach this machine at port ${to}`,
  );
}
