// Where a download looks that has nobody to ask. By BEP 12 a torrent is announced to one tracker, the first that accepts, and
// the others are left alone as long as that one works; but a tracker that works may know nobody. So, beyond BEP 12: while a
// download is not complete, has no connection, and nobody is left to be dialled, the others are announced to as well, in the
// order of BEP 12, one a second at most, until there is somebody; those of all torrents at one pace. Each of them is asked
// again at the interval it asked for, and after a minute where it named somebody. Rounds go on as they would; whoever was
// told hears of the end (`stopped`).
import { Alarm } from '../../async/alarm-clock.js';
import { runForTorrent } from '../torrent-context.js';
import type { AnnounceAnswer } from './announce/announce-request.js';
import type { AnnounceAgent } from './announce-agent.js';
import type { AnnounceSender } from './announce-sender.js';
import type { AnnounceList } from './schedule/announce-list.js';

const pauseMs = 1_000;
const askHelpfulAgainMs = 60_000;

export interface WiderSearchOptions {
  readonly infoHash: string;
  readonly announceList: AnnounceList;
  readonly sender: Pick<AnnounceSender, 'send' | 'healthOf'>;
  readonly agent: Pick<AnnounceAgent, 'clock' | 'pace'>;
  /** Nobody is connected, nobody is left to be dialled, and the download is not complete. */
  readonly hasNobody: () => boolean;
}

/** A tracker has accepted an announce: how long no wider search is to ask it again. */
export function restAfter({ intervalMs, minIntervalMs = 0 }: AnnounceAnswer, isHelpful: boolean) {
  return Math.max(isHelpful ? askHelpfulAgainMs : intervalMs, minIntervalMs);
}

export class WiderSearch {
  readonly #options: WiderSearchOptions;
  /** The one that the rounds announce to; undefined: the search is not to go on. */
  #main: string | undefined;
  #isUnderWay = false;
  #endPause = () => {};
  readonly #alarm: Alarm;

  constructor(options: WiderSearchOptions) {
    this.#options = options;
    this.#alarm = new Alarm(() => runForTorrent(options.infoHash, () => this.#endPause()));
  }

  /** Asks all but `main` that may be asked, one after the other; does nothing where there is somebody. */
  begin(main: string): void {
    this.#main = main;
    if (!this.#isUnderWay && this.#goesOn) void this.#run();
  }

  /** Asks no further one. */
  end(): void {
    this.#main = undefined;
    this.#options.agent.clock.clear(this.#alarm);
    this.#endPause();
  }

  get #goesOn(): boolean {
    return this.#main !== undefined && this.#options.hasNobody();
  }

  async #run(): Promise<void> {
    this.#isUnderWay = true;
    for (const url of this.#options.announceList.all) {
      if (!this.#mayAsk(url)) continue;
      await this.#pause();
      if (!this.#goesOn) break;
      if (this.#mayAsk(url)) await this.#ask(url);
    }
    this.#isUnderWay = false;
  }

  #mayAsk(url: string): boolean {
    const { announceList, sender } = this.#options;
    const atMs = Math.max(announceList.restsUntilMs(url), sender.healthOf(url).retryAtMs);
    return url !== this.#main && atMs <= performance.now();
  }

  async #ask(url: string): Promise<void> {
    const { announceList, sender, hasNobody } = this.#options;
    const answer = await sender.send(url, false);
    if (answer === undefined) return;
    const isHelpful = !hasNobody();
    announceList.rests(url, performance.now() + restAfter(answer, isHelpful));
    if (isHelpful) announceList.prefer(url);
  }

  #pause(): Promise<void> {
    const { clock, pace } = this.#options.agent;
    return new Promise((resolve) => {
      this.#endPause = resolve;
      clock.set(this.#alarm, pace.next(performance.now() + pauseMs));
    });
  }
}
