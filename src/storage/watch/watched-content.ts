// The content of a torrent, of which nothing is given out that somebody else may have changed since it was known to be good.
import type { TorrentStorage } from '../storage.js';
import type { ContentWatch } from './content-watch.js';

/** `content` as it is, but for what is read of it once `watch` has begun. Closing it closes both. */
export function watchContent(content: TorrentStorage, watch: ContentWatch): TorrentStorage {
  const guarded = async (
    read: TorrentStorage['readInto'],
    offsetBytes: number,
    target: Uint8Array,
  ): Promise<void> => {
    for (;;) {
      const doubt = watch.doubtOf(offsetBytes, target.length);
      if (doubt !== undefined) await doubt;
      try {
        await read(offsetBytes, target);
        if (!watch.isDoubtful(offsetBytes, target.length)) return;
      } catch (error) {
        if (!watch.isDoubtful(offsetBytes, target.length)) throw error;
      }
    }
  };
  const readInto = content.readInto.bind(content);
  const readAhead = content.readAhead.bind(content);
  return {
    readInto: (offsetBytes, target) =>
      watch.isOn ? guarded(readInto, offsetBytes, target) : readInto(offsetBytes, target),
    readAhead: (offsetBytes, target) =>
      watch.isOn ? guarded(readAhead, offsetBytes, target) : readAhead(offsetBytes, target),
    write: (...args) => content.write(...args),
    writeUnverified: (...args) => content.writeUnverified(...args),
    markVerified: (...args) => content.markVerified(...args),
    make: (...args) => content.make(...args),
    reopen: () => content.reopen(),
    adopt: (...args) => content.adopt(...args),
    flush: () => content.flush(),
    complete: () => content.complete(),
    close() {
      watch.close();
      return content.close();
    },
  };
}
