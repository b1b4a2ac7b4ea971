// The engine as the rest of the helper has it: in a thread of its own, started again when it dies or hangs. The chart
// machines/engine.ts says when a life begins; here is what a life does.
import { createActor, type EventObject, fromCallback } from 'xstate';
import {
  type EngineLifeEvent,
  type EngineLifeInput,
  engineMachine,
} from '../../../machines/engine.js';
import type { Engine, EngineOptions } from '../../engine/engine.js';
import { HelperError, toHelperError } from '../../errors.js';
import { helperError, type Report } from '../messages.js';
import { type EngineThread, startEngineThread } from './engine-thread.js';
import { createPendingRequests } from './pending-requests.js';
import { beginLife, type Death, type Life } from './worker-handle.js';

const GONE_DEADLINE_MS = 300;

export interface HostOptions {
  readonly workerUrl: URL;
  /** Where the compiled code of its threads is kept. */
  readonly codeFolder: string;
  /** One that was started before, for the first life. */
  readonly firstThread: EngineThread;
  /** How often the thread's heart is looked at; it beats four times a second. */
  readonly lookEveryMs: number;
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
 * Starts the thread at once, and the engine in it as soon as the options are known. `onWarning` hears of each death.
 */
export function superviseEngine(
  options: EngineOptions | Promise<EngineOptions>,
  onWarning: (error: HelperError) => void,
  { workerUrl, codeFolder, firstThread, lookEveryMs = 1_000 }: Partial<HostOptions> = {},
): SupervisedEngine {
  const pendingRequests = createPendingRequests();
  let life: Life | undefined;
  let spare = firstThread;
  const takeThread = () => {
    const thread = spare ?? startEngineThread({ workerUrl, codeFolder });
    spare = undefined;
    return thread;
  };
  let peerPort: number | undefined;
  let refusal: HelperError | undefined;
  let isClosing = false;

  const live = fromCallback<EventObject, EngineLifeInput>(({ input, sendBack, receive }) => {
    const tell = (event: EngineLifeEvent) => sendBack(event);
    let hasOpened = false;

    const onReport = (report: Report) => {
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
          tell({ type: 'engine.refused', failure: failureOf(refusal) });
          break;
        case 'closed':
          tell({ type: 'engine.closed' });
          break;
        default:
          pendingRequests.take(report);
      }
    };

    const onDeath = ({ reason, infoHash }: Death) => {
      const error = stopped(reason, infoHash);
      refusal = new HelperError('INTERNAL', `bug: the engine did not start: ${reason}`);
      const { gone } = current;
      pendingRequests.detach(gone);
      if (hasOpened) pendingRequests.interrupt({ error, infoHash });
      if (peerPort !== undefined && !isClosing) onWarning(error);
      // Not before: the next life wants the same port and the same files.
      void gone.then(() => tell({ type: 'engine.died', failure: failureOf(error) }));
    };

    const current = beginLife({ thread: takeThread(), lookEveryMs, onReport, onDeath });
    life = current;
    known.then(
      (asked) =>
        current.post({ type: 'open', options: { ...asked, port: input.port ?? asked.port } }),
      () => {},
    );
    receive(() => {
      if (hasOpened) current.post({ type: 'close' });
      // It has nothing yet to let go of.
      else tell({ type: 'engine.closed' });
    });
    return () => {
      current.end();
      pendingRequests.detach(current.gone);
    };
  });

  const actor = createActor(engineMachine.provide({ actors: { life: live } }));
  const known = Promise.resolve(options);
  known.catch((error: unknown) => {
    refusal = toHelperError(error);
    actor.send({ type: 'engine.close' });
  });

  const over = new Promise<void>((resolve) => {
    actor.subscribe({ complete: resolve, error: () => resolve() });
  }).then(() => goneInTime(life));
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
    ...{ join: pendingRequests.join, left: pendingRequests.left },
    fetchMetadata: pendingRequests.fetchMetadata,
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

/** Resolves when the last thread has ended, or a moment later. */
async function goneInTime(life: Life | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, GONE_DEADLINE_MS);
  });
  await Promise.race([life?.gone, late]);
  clearTimeout(timer);
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

function failureOf({ code, message }: HelperError) {
  return { code, message };
}
