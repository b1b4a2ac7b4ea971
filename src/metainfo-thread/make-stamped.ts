// Makes metainfo and says how the files were when they were read, in few bytes.
import { type MakeRequest, makeMetainfo } from '../metainfo/create/make-metainfo.js';
import type { Metainfo } from '../metainfo/metainfo.js';
import { digestStamps } from '../storage/watch/stamp-digest.js';

export interface StampedMetainfo {
  readonly metainfo: Metainfo;
  /** The real path of what it was made of. */
  readonly contentPath: string;
  readonly stamps: string;
}

/** Rejects as `makeMetainfo` does. */
export async function makeStamped(
  request: MakeRequest,
  signal: AbortSignal,
): Promise<StampedMetainfo> {
  const { metainfo, contentPath, files } = await makeMetainfo(request, signal);
  const stamps = files.map(({ identity, lengthBytes, changedNs }) => ({
    device: identity.device,
    inode: identity.inode,
    sizeBytes: lengthBytes,
    mtimeNs: identity.modifiedNs,
    ctimeNs: changedNs,
  }));
  return { metainfo, contentPath, stamps: await digestStamps(stamps) };
}
