// What a helper's lines on stderr tell a program that reads them.
import { unescapeName } from '../../../src/protocol/escape-name.js';

export interface Publication {
  readonly torrentFile: string;
  readonly infoHash: string;
  readonly magnet: string;
}

/** `text`: what stands behind `published: `, or the whole line. */
export function publicationIn(text: string): Publication | undefined {
  const told = /^(?:.*: published: )?(.+) ([0-9a-f]{40}) (magnet:\S+)$/.exec(text);
  if (told === null) return undefined;
  const [, torrentFile = '', infoHash = '', magnet = ''] = told;
  return { torrentFile: unescapeName(torrentFile), infoHash, magnet };
}

export interface Ready {
  readonly peerPort: number;
  /** Of its own tracker, if it has one. */
  readonly announceUrl: string | undefined;
}

/** What the line says that tells that it is ready; undefined for any other. */
export function readyIn(line: string): Ready | undefined {
  const [, port, tracker] = /: ready: peer port (\d+), tracker ([^;]+)/.exec(line) ?? [];
  if (port === undefined) return undefined;
  return { peerPort: Number(port), announceUrl: tracker === 'none' ? undefined : tracker };
}
