// What is said of trackers that cannot be asked: once of each, until it works again.
import { HelperError } from '../../errors.js';
import { trackerError } from './announce/tracker-error.js';
import { announceProtocol } from './announce-to-tracker.js';
import type { Tiers } from './tracker-tiers.js';

export class TrackerWarnings {
  readonly #onWarning: (warning: HelperError) => void;
  readonly #warned = new Set<string>();

  constructor(onWarning: (warning: HelperError) => void) {
    this.#onWarning = onWarning;
  }

  failed(url: string, error: HelperError): void {
    if (this.#warned.has(url)) return;
    this.#warned.add(url);
    const message = `${error.message}; it will be tried again`;
    this.#onWarning(new HelperError(error.code, message, { cause: error }));
  }

  succeeded(url: string): void {
    this.#warned.delete(url);
  }

  /** Only where no usable one is left: torrents in the wild often list some nonsense beside good trackers. */
  noneUsable(tiers: Tiers<string>): void {
    const url = tiers.flat().find((other) => announceProtocol(other) === 'other');
    if (url === undefined) return;
    const what = 'cannot be asked: its URL is neither http, https nor udp';
    this.#onWarning(trackerError(url, what));
  }
}
