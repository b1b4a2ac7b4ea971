// The engine's side of the messages: carries out what the host commands, and reports what happens. It runs in the
// engine's thread, and every torrent's work in that torrent's name.
import type { Engine, EngineOptions, Swarm } from '../../engine/engine.js';
import { runForTorrent } from '../../engine/torrent-context.js';
import { toHelperError } from '../../errors.js';
import { Metainfo } from '../../metainfo/metainfo.js';
import type { AskOwnTracker, OwnAnnounceAnswer } from '../../tracker-protocol/own-announce.js';
import {
  type EngineCommand,
  type EngineReport,
  type PlainEngineOptions,
  type PlainJoinRequest,
  plainError,
} from '../messages.js';
import { coalesceProgress, type ProgressTeller } from './coalesce-progress.js';

interface Joined {
  readonly infoHash: string;
  readonly swarm: Swarm;
  readonly progress: ProgressTeller;
}

export interface EngineService {
  take(command: EngineCommand): void;
}

export interface EngineServiceOptions {
  readonly start: (options: EngineOptions) => Promise<Engine>;
  readonly report: (report: EngineReport) => void;
}

/** Commands before `opened` are dropped, but for `open` and `close`: the host sends none. */
export function serveEngine({ start, report }: EngineServiceOptions): EngineService {
  const swarms = new Map<number, Joined>();
  const searches = new Map<number, AbortController>();
  /** Announces to the helper's own tracker that wait for its answer. */
  const trackerCalls = new Map<number, (answer: OwnAnnounceAnswer | undefined) => void>();
  let lastTrackerCall = 0;
  let engine: Engine | undefined;
  let opening: Promise<void> | undefined;
  let isClosing = false;

  const askOwnTracker: AskOwnTracker = (announce) =>
    new Promise((resolve) => {
      lastTrackerCall += 1;
      trackerCalls.set(lastTrackerCall, resolve);
      report({ type: 'asks-tracker', call: lastTrackerCall, announce });
    });

  const open = async (options: PlainEngineOptions) => {
    try {
      engine = await start({ ...options, askOwnTracker });
      if (!isClosing) report({ type: 'opened', peerPort: engine.peerPort });
    } catch (error) {
      report({ type: 'refused', error: plainError(toHelperError(error)) });
    }
  };

  const close = async () => {
    isClosing = true;
    await opening;
    await engine?.close();
    report({ type: 'closed' });
  };

  const search = async (
    running: Engine,
    { id, request }: Extract<EngineCommand, { type: 'search' }>,
    signal: AbortSignal,
  ) => {
    try {
      const found = await running.fetchMetadata(request, signal, (failure) =>
        report({ type: 'warned', id, failure }),
      );
      report({ type: 'found', id, found });
    } catch (error) {
      if (!signal.aborted) {
        report({ type: 'not-found', id, error: plainError(toHelperError(error)) });
      }
    } finally {
      searches.delete(id);
    }
  };

  /** By itself, so that of what was asked it keeps nothing. */
  const tellerOf = (id: number) => coalesceProgress((event) => report({ type: 'told', id, event }));

  const carryOut = (running: Engine, command: EngineCommand) => {
    switch (command.type) {
      case 'join': {
        const { id, request } = command;
        swarms.set(id, join(running, request, tellerOf(id)));
        break;
      }
      case 'verify':
      case 'announce': {
        const { type, id } = command;
        const { infoHash, swarm } = swarms.get(id) ?? {};
        if (infoHash !== undefined) runForTorrent(infoHash, () => swarm?.[type]());
        break;
      }
      case 'watch':
        running.watch(command.infoHash, command.everyMs, command.isDetailed);
        break;
      case 'tracker-answered':
        trackerCalls.get(command.call)?.(command.answer);
        trackerCalls.delete(command.call);
        break;
      case 'prepare-to-close':
        running.prepareToClose();
        break;
      case 'leave': {
        const { id, call } = command;
        const joined = swarms.get(id);
        swarms.delete(id);
        joined?.progress.stop();
        const left = joined?.swarm.leave() ?? Promise.resolve();
        void left.then(() => report({ type: 'done', call }));
        break;
      }
      case 'search': {
        const { id, request } = command;
        const cancelled = new AbortController();
        searches.set(id, cancelled);
        void runForTorrent(request.infoHash, () => search(running, command, cancelled.signal));
        break;
      }
      case 'cancel':
        searches.get(command.id)?.abort();
        break;
      case 'left':
        void running
          .left(command.infoHash)
          .then(() => report({ type: 'done', call: command.call }));
        break;
    }
  };

  return {
    take(command) {
      if (command.type === 'open') opening = open(command.options);
      else if (command.type === 'close') void close();
      else if (engine !== undefined) carryOut(engine, command);
    },
  };
}

function join(running: Engine, plain: PlainJoinRequest, progress: ProgressTeller): Joined {
  const { infoHash } = plain.metainfo;
  const request = { ...plain, metainfo: new Metainfo(plain.metainfo) };
  const swarm = runForTorrent(infoHash, () => running.join(request, progress.tell));
  return { infoHash, swarm, progress };
}
