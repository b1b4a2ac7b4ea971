// makeMetainfo: reads a file or folder and hashes it into metainfo, unless that was done before and nothing changed.
import { resolve } from 'node:path';
import { fromPromise } from 'xstate';
import type { MakeInput } from '../../machines/torrent-steps.js';
import type { LocatedTorrent } from '../../machines/types.js';
import { HelperError } from '../errors.js';
import type { Dependencies } from './dependencies.js';

export const makeMetainfoActor = (dependencies: Dependencies) => {
  const { options, announce, metainfoWork } = dependencies;
  /** What is being read, and by which job. */
  const underWay = new Map<string, { readonly id: number }>();
  return fromPromise<LocatedTorrent, MakeInput>(async ({ input, signal }) => {
    const { path, contentPath = path } = input;
    // Taken before anything is waited for, so that of two jobs for one path the later one is the second.
    const reading = resolve(contentPath);
    refuseTwice(input, underWay.get(reading));
    underWay.set(reading, input);
    try {
      const made = await metainfoWork.make(
        {
          path,
          contentPath,
          isPrivate: !options.isPublic,
          announce: announce.known,
          torrentDir: options.torrentDir,
        },
        signal,
      );
      const { metainfo: torrent, contentPath: foundPath, stamps } = made;
      return { torrent, contentPath: foundPath, peers: [], stamps };
    } finally {
      // A job that was paused and resumed may be at it again by now.
      if (underWay.get(reading) === input) underWay.delete(reading);
    }
  });
};

function refuseTwice(asked: { id: number; path: string }, other?: { readonly id: number }): void {
  if (other === undefined || other.id === asked.id) return;
  throw new HelperError(
    'DUPLICATE',
    `job ${other.id} is making a torrent of ${asked.path} already; leave it to that job`,
  );
}
