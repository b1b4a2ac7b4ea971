// makeMetainfo: reads a file or folder and hashes it into metainfo, unless that was done before and nothing changed.
import { resolve } from 'node:path';
import { fromPromise } from 'xstate';
import type { MakeInput } from '../../machines/torrent-steps.js';
import type { LocatedTorrent } from '../../machines/types.js';
import type { Asker } from '../async/asker.js';
import { HelperError } from '../errors.js';
import { askingActor } from './asking-actor.js';
import type { Dependencies } from './dependencies.js';

export const makeMetainfoActor = (dependencies: Dependencies) => {
  const { options, announce, metainfoWork } = dependencies;
  /** What is being read, and by which job. */
  const underWay = new Map<string, Reading>();
  return fromPromise<LocatedTorrent, MakeInput>(async (scope) => {
    const { id, path, contentPath = path } = scope.input;
    const asker = askingActor(scope);
    // Taken before anything is waited for, so that of two jobs for one path the later one is the second.
    const reading = resolve(contentPath);
    refuseTwice(scope.input, underWay.get(reading));
    const reader: Reading = { id, asker };
    underWay.set(reading, reader);
    try {
      const made = await metainfoWork.make(
        {
          path,
          contentPath,
          isPrivate: !options.isPublic,
          announce: announce.known,
          torrentDir: options.torrentDir,
        },
        asker,
      );
      const { metainfo: torrent, contentPath: foundPath, stamps } = made;
      return { torrent, contentPath: foundPath, peers: [], stamps };
    } finally {
      // A job that was paused and resumed may be at it again by now.
      if (underWay.get(reading) === reader) underWay.delete(reading);
    }
  });
};

interface Reading {
  readonly id: number;
  readonly asker: Asker;
}

function refuseTwice(asked: MakeInput, other?: Reading): void {
  if (other === undefined || other.id === asked.id || other.asker.hasLeft) return;
  throw new HelperError(
    'DUPLICATE',
    `job ${other.id} is making a torrent of ${asked.path} already; leave it to that job`,
  );
}
