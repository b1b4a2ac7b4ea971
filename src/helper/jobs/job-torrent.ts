// What a job knows of its torrent: from its session, then from the torrent itself, then from its publication. What is made of
// that is made for those alone who ask, and kept when the job is over, which the torrent is not.
import type { LocatedTorrent, Publication, SavedState } from '../../../machines/types.js';
import { type JobResult, jobResult, type TorrentFacts, torrentFacts } from './job-result.js';

export class JobTorrent {
  readonly #saved: SavedState | undefined;
  #located: LocatedTorrent | undefined;
  #publication: Publication | undefined;
  #result: JobResult | undefined;
  #facts: TorrentFacts | undefined;

  /** `saved`: what the session knew of it. */
  constructor(saved: SavedState | undefined) {
    this.#saved = saved;
  }

  get infoHash(): string | undefined {
    return this.#located?.torrent.infoHash ?? this.#result?.infoHash ?? this.#saved?.infoHash;
  }

  get name(): string | undefined {
    return this.result?.name ?? this.#saved?.name;
  }

  get contentPath(): string | undefined {
    return this.result?.contentPath ?? this.#saved?.contentPath;
  }

  get lengthBytes(): number | undefined {
    return this.#located?.torrent.lengthBytes ?? this.#result?.lengthBytes;
  }

  get facts(): TorrentFacts | undefined {
    if (this.#located) this.#facts ??= torrentFacts(this.#located.torrent);
    return this.#facts;
  }

  get publication(): Publication | undefined {
    return this.#publication;
  }

  /** Undefined while the torrent is not known. */
  get result(): JobResult | undefined {
    if (this.#located) this.#result ??= jobResult(this.#located, this.#publication);
    return this.#result;
  }

  /** It is known, or lies elsewhere than before. */
  locate(located: LocatedTorrent): void {
    this.#located = located;
    this.#result = undefined;
  }

  publish({ torrentFile, infoHash, magnetUri }: Publication): void {
    this.#publication = { torrentFile, infoHash, magnetUri };
    this.#result = undefined;
  }

  /** The job is over, and holds no metainfo. */
  letGo(): void {
    this.#result = this.result;
    this.#facts = this.facts;
    this.#located = undefined;
  }
}
