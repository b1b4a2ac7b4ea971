// Gets a torrent to be shown from where its source says, as a download would, and nothing of its content. An engine runs
// only where a swarm is to be asked.
import { codeFolder } from '../../code-cache/code-folder.js';
import type { Engine } from '../../engine/engine.js';
import { findEngine } from '../../engine-thread/host/find-engine.js';
import {
  type SupervisedEngine,
  superviseEngine,
} from '../../engine-thread/host/supervised-engine.js';
import { HelperError } from '../../errors.js';
import type { Metainfo } from '../../metainfo/metainfo.js';
import { parseAs } from '../../metainfo/parse/parse-as.js';
import { namePortOption, type ResolvedOptions } from '../../options/resolve-options.js';
import { fetchFrom } from '../../sources/fetch-from.js';
import { parseSource } from '../../sources/parse-source.js';
import type { CommandContext } from './command-context.js';

/** What comes of a magnet link comes soon, or nobody is there who has it. */
const usualGiveUpMs = 60_000;

export interface ShownTorrent {
  readonly metainfo: Metainfo;
  /** The .torrent file as it stands; undefined: the swarm gave what it has of it. */
  readonly document: Uint8Array | undefined;
}

/** Rejects as a download's fetching does; with STALLED when it takes too long; with the signal's reason. */
export async function fetchShown(
  text: string,
  options: ResolvedOptions,
  { signal, tell }: Pick<CommandContext, 'signal' | 'tell'>,
): Promise<ShownTorrent> {
  const source = parseSource(text.replace(/^torrent:/, ''));
  const giveUpMs = options.giveUpMs ?? usualGiveUpMs;
  const limit = AbortSignal.timeout(giveUpMs);
  const engine = engineOnDemand(options, (error) => warn(error));
  const warn = ({ code, message }: Pick<HelperError, 'code' | 'message'>) =>
    tell(`warning: ${code}: ${message}`);
  let document: Uint8Array | undefined;
  const intake = {
    admit: () => {},
    parse: async (bytes: Uint8Array, as: Parameters<typeof parseAs>[1]) => {
      document = as.kind === 'info' ? undefined : bytes;
      return parseAs(bytes, as);
    },
  };
  const errand = {
    intake,
    warn,
    warnOnce: onceEach(warn),
    signal: AbortSignal.any([signal, limit]),
  };
  try {
    const { metainfo } = await fetchFrom(source, { options, engine }, errand);
    return { metainfo, document };
  } catch (thrown) {
    signal.throwIfAborted();
    if (limit.aborted) throw stalled(giveUpMs);
    throw thrown;
  } finally {
    await engine.close();
  }
}

function onceEach(warn: (failure: Pick<HelperError, 'code' | 'message'>) => void) {
  const told = new Set<string>();
  return (about: string, failure: Pick<HelperError, 'code' | 'message'>) => {
    if (!told.has(about)) warn(failure);
    told.add(about);
  };
}

function stalled(giveUpMs: number): HelperError {
  return new HelperError(
    'STALLED',
    `the torrent did not come within ${giveUpMs / 1000} s; there may be nobody who has it now, and --give-up SECONDS waits longer`,
  );
}

function engineOnDemand(
  { host, listen, port, usesDht, stateDir }: ResolvedOptions,
  onWarning: (error: HelperError) => void,
): Pick<Engine, 'fetchMetadata' | 'close'> {
  let started: SupervisedEngine | undefined;
  const start = () =>
    superviseEngine({ host, listen, port, dht: usesDht }, onWarning, {
      workerUrl: findEngine(),
      codeFolder: codeFolder(stateDir),
    });
  return {
    async fetchMetadata(request, signal, warn) {
      started ??= start();
      await namePortOption('--port', port === 0 ? undefined : port, started.open);
      return started.engine.fetchMetadata(request, signal, warn);
    },
    async close() {
      await started?.engine.close();
    },
  };
}
