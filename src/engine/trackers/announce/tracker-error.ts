// Says what went wrong with a tracker: one HelperError, one sentence, and never a passkey.
import { HelperError, systemCode } from '../../../errors.js';
import { quote } from '../../../metainfo/quote.js';

/** TRACKER_UNREACHABLE: `tracker http://host:port <what>`. */
export function trackerError(url: string, what: string, cause?: unknown): HelperError {
  return new HelperError('TRACKER_UNREACHABLE', `tracker ${trackerName(url)} ${what}`, { cause });
}

/** TRACKER_WARNING: what it said, which it did in no other way. `said`: in quotes. */
export function trackerWarning(url: string, said: string): HelperError {
  return new HelperError('TRACKER_WARNING', `tracker ${trackerName(url)} says: ${said}`);
}

/** The tracker answered, and will have nothing to do with what was asked: no word on how it is for other torrents. */
export class AnnounceRefused extends HelperError {}

/** TRACKER_UNREACHABLE as well. */
export function refusal(url: string, what: string): AnnounceRefused {
  return new AnnounceRefused('TRACKER_UNREACHABLE', `tracker ${trackerName(url)} ${what}`);
}

/** The same for whatever was thrown on the way there. */
export function toTrackerError(url: string, thrown: unknown): HelperError {
  if (thrown instanceof HelperError) return thrown;
  return trackerError(url, `could not be reached: ${reasonOf(thrown)}`, thrown);
}

/** Path and query stay out: that is where passkeys are. So do user name and password. */
export function trackerName(url: string): string {
  if (!URL.canParse(url)) return quote(url);
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return quote(String(thrown));
  // An AggregateError, of many attempts to connect, has a code but no message.
  const reason = thrown.message || (systemCode(thrown) ?? 'no reason given');
  // Some messages hold text of the other side, such as the names in its certificate.
  return /^[ -~]{1,160}$/.test(reason) ? reason : quote(reason);
}
