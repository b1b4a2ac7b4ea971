// `bittorrent-helper make`: writes the .torrent that a helper with the same options would publish, and starts nothing.
import { askerWith } from '../../async/asker.js';
import { toHelperError } from '../../errors.js';
import { writeTorrentFile } from '../../metainfo/create/write-torrent-file.js';
import { writeMagnetLink } from '../../metainfo/magnet.js';
import { createMetainfoWork, type MetainfoWork } from '../../metainfo-thread/metainfo-work.js';
import { isLoopback } from '../../net/ip-address.js';
import { openDirectories } from '../../options/open-directories.js';
import { type ResolvedOptions, resolveOptions } from '../../options/resolve-options.js';
import { escapeName } from '../../protocol/escape-name.js';
import { announceUrls, usualTrackerPort } from '../../tracker-protocol/announce-url.js';
import type { MakeCommand } from '../arguments/parse-arguments.js';
import { type CommandContext, toJson } from './command-context.js';
import { summaryOf } from './torrent-summary.js';

/** The lines of stdout, one for each path in their order. Throws for what concerns all of them. */
export async function* makeTorrents(
  { paths, options: given, isJson }: MakeCommand,
  context: CommandContext,
): AsyncGenerator<string> {
  const resolved = resolveOptions(given);
  // Nothing is downloaded, so that no folder is made for it.
  const { options, stateDir, warning } = await openDirectories({
    ...resolved,
    downloadDir: resolved.torrentDir,
  });
  if (warning) context.tell(`warning: ${warning.code}: ${warning.message}`);
  const metainfoWork = createMetainfoWork(stateDir);
  const make = { options, metainfoWork, announce: announceOf(options), context, isJson };
  try {
    for (const path of paths) {
      const line = await makeTorrent(path, make).catch((error: unknown) => {
        context.signal.throwIfAborted();
        context.fail(toHelperError(error));
      });
      if (line !== undefined) yield line;
    }
  } finally {
    await metainfoWork.close();
  }
}

interface Make {
  readonly options: ResolvedOptions;
  readonly metainfoWork: MetainfoWork;
  readonly announce: readonly (readonly string[])[];
  readonly context: CommandContext;
  readonly isJson: boolean;
}

async function makeTorrent(
  path: string,
  { options, metainfoWork, announce, context, isJson }: Make,
): Promise<string> {
  const { isPublic, torrentDir: dir, tracker, host } = options;
  const { signal, tell } = context;
  const asker = askerWith(signal);
  const request = { path, isPrivate: !isPublic, announce, torrentDir: dir };
  const { metainfo } = await metainfoWork.make(request, asker);
  const torrentFile = await writeTorrentFile({ metainfo, announce, dir, asker });
  const magnetUri = writeMagnetLink(metainfo, announce);
  const reach =
    tracker.kind === 'embedded' && isLoopback(host)
      ? '; only this machine can reach its tracker, --host ADDRESS or --tracker URL changes that'
      : '';
  tell(`made: ${torrentFile} ${metainfo.infoHash} ${magnetUri}${reach}`);
  if (!isJson) return `${escapeName(torrentFile)}\n`;
  return `${toJson({ torrentFile, ...summaryOf(metainfo, announce) })}\n`;
}

/** As of a helper whose tracker has the port asked for, or the usual one. */
function announceOf({ tracker, host }: ResolvedOptions): readonly (readonly string[])[] {
  switch (tracker.kind) {
    case 'embedded':
      return announceUrls(host, tracker.port ?? usualTrackerPort);
    case 'given':
      return tracker.urls.map((url) => [url]);
    case 'none':
      return [];
  }
}
