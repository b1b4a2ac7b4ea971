// Where metainfo is made and read: what is small and alone here, for which a thread would hardly be worth starting, and in a thread
// whatever is large, or one of many.
import { stat } from 'node:fs/promises';
import type { Asker } from '../async/asker.js';
import { type HashCache, hashCacheIn } from '../metainfo/create/hash-cache.js';
import type { MakeRequest } from '../metainfo/create/make-metainfo.js';
import { createHashingThreads } from '../metainfo/create/threads/hashing-threads.js';
import { Metainfo } from '../metainfo/metainfo.js';
import { parseAs, type Unparsed } from '../metainfo/parse/parse-as.js';
import { makeStamped, type StampedMetainfo } from './make-stamped.js';
import { createMetainfoThread, type MetainfoThread } from './metainfo-thread.js';

export interface MetainfoWork extends Pick<MetainfoThread, 'close'> {
  /** Rejects as `makeMetainfo` does, or with INTERNAL if a thread dies, or CLOSED. */
  make(request: Omit<MakeRequest, 'hashCache' | 'threads'>, asker: Asker): Promise<StampedMetainfo>;
  /** Rejects with what `parseAs` throws, or with INTERNAL if a thread dies, or CLOSED. */
  parse(bytes: Uint8Array, as: Unparsed, weight: 'light' | 'heavy'): Promise<Metainfo>;
}

/** With more at once a thread is soon worth its start. */
const mostHere = 4;

/** `stateDir`: where what was hashed is remembered; undefined: nowhere. */
export function createMetainfoWork(stateDir: string | undefined): MetainfoWork {
  const hashingThreads = createHashingThreads();
  const thread = createMetainfoThread({ stateDir }, hashingThreads);
  const hashCache: HashCache | undefined =
    stateDir === undefined ? undefined : hashCacheIn(stateDir);
  let here = 0;

  const makeThere = async (
    { announce, ...request }: Parameters<MetainfoWork['make']>[0],
    asker: Asker,
  ): Promise<StampedMetainfo> => {
    const made = await thread.make(request, asker);
    return { ...made, metainfo: new Metainfo({ ...made.metainfo, announce: await announce }) };
  };

  return {
    async make(request, asker) {
      if (thread.isRunning || here >= mostHere) return makeThere(request, asker);
      here += 1;
      try {
        const { path, contentPath = path } = request;
        if (await isFolder(contentPath)) return await makeThere(request, asker);
        return await makeStamped({ hashCache, ...request, threads: hashingThreads }, asker.signal);
      } finally {
        here -= 1;
      }
    },
    parse: async (bytes, as, weight) =>
      weight === 'heavy' ? thread.parse(bytes, as) : parseAs(bytes, as),
    async close() {
      await Promise.all([thread.close(), hashingThreads.close()]);
    },
  };
}

async function isFolder(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() ?? false;
}
