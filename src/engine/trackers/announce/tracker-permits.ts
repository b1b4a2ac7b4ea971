// At which addresses the trackers of one torrent may be asked: as near to us as whoever named them may lead, and not many of
// them at one address, lest a torrent of a hundred announce URLs makes its whole swarm besiege somebody.
import type { Reach } from '../../../../machines/types.js';
import { HelperError } from '../../../errors.js';
import { announceLimits } from '../../../limits.js';
import { addressClass } from '../../../net/address-class.js';
import { strangerKey } from '../../../net/own-addresses.js';
import { mayLeadTo, type Permit } from '../../../net/reach.js';
import { trackerName } from './tracker-error.js';

export interface TrackerPermitOptions {
  /** Of whoever named the trackers. */
  readonly reach: Reach;
  /** Announce URLs that the user named, whoever else did. */
  readonly trusted: readonly string[];
}

export class TrackerPermits {
  readonly #reach: Reach;
  readonly #trusted: readonly string[];
  /** The announce URLs that led to each address of somebody else's. */
  #urls: Map<string, Set<string>> | undefined;

  constructor({ reach, trusted }: TrackerPermitOptions) {
    this.#reach = reach;
    this.#trusted = trusted;
  }

  /** `url`: as the torrent names it. Throws TRACKER_FORBIDDEN. */
  of(url: string): Permit {
    const reach: Reach = this.#trusted.includes(url) ? { kind: 'user' } : this.#reach;
    return this.#permit(url, reach, 'the server that the torrent came from');
  }

  #permit(announceUrl: string, reach: Reach, namedBy: string): Permit {
    return {
      check: (url, address) => {
        if (reach.kind === 'user') return;
        if (!mayLeadTo(reach, url.pathname, address)) {
          throw forbidden(url, `is ${whyNot(reach, address, namedBy)}`);
        }
        if (!this.#countsUrl(announceUrl, address)) {
          throw forbidden(
            url,
            `is at ${address} as ${announceLimits.trackersPerAddress} others of the torrent are, and no more are asked there`,
          );
        }
      },
      redirectedBy: (address) =>
        this.#permit(announceUrl, { kind: 'network', address }, 'the tracker that redirected'),
    };
  }

  #countsUrl(url: string, address: string): boolean {
    const key = strangerKey(address);
    if (key === undefined) return true;
    this.#urls ??= new Map();
    const urls = this.#urls.get(key) ?? new Set();
    if (!urls.has(url) && urls.size >= announceLimits.trackersPerAddress) return false;
    this.#urls.set(key, urls.add(url));
    return true;
  }
}

function whyNot(reach: Reach, address: string, namedBy: string): string {
  if (addressClass(address) === undefined) return `at ${address}, where nothing is ever sent`;
  if (reach.kind === 'document') {
    return `on this machine (${address}), where a torrent may name only such whose path ends in /announce; if it is meant, name it with --tracker`;
  }
  const server = reach.kind === 'network' && reach.address ? ` (${reach.address})` : '';
  return `at ${address}, nearer to this machine than ${namedBy}${server}; if it is meant, name it with --tracker, or save the .torrent and give it as torrent:PATH`;
}

function forbidden(url: URL, what: string): HelperError {
  return new HelperError('TRACKER_FORBIDDEN', `tracker ${trackerName(url.href)} ${what}`);
}
