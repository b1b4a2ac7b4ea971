// Announce URLs, read once for all the torrents that name them: there may be thousands, of one tracker.

export interface TrackerUrl {
  /** As the torrents name it: one string for all. */
  readonly text: string;
  readonly url: URL;
  /** Which protocol it asks for; `other` is nothing this client speaks. */
  readonly protocol: 'http' | 'udp' | 'webrtc' | 'other';
  /** Protocol, host and port: what two announce URLs of one tracker have in common, whatever their paths. */
  readonly origin: string;
}

const protocols: Readonly<Record<string, TrackerUrl['protocol']>> = {
  'http:': 'http',
  'https:': 'http',
  'udp:': 'udp',
  'ws:': 'webrtc',
  'wss:': 'webrtc',
};
const mostKnown = 1000;
const known = new Map<string, TrackerUrl>();

/** Undefined for what is no URL. */
export function trackerUrl(text: string): TrackerUrl | undefined {
  const read = known.get(text);
  if (read !== undefined || !URL.canParse(text)) return read;
  const url = new URL(text);
  const protocol = protocols[url.protocol] ?? 'other';
  const made = { text, url, protocol, origin: `${url.protocol}//${url.host}` };
  const [oldest] = known.keys();
  if (known.size >= mostKnown && oldest !== undefined) known.delete(oldest);
  known.set(text, made);
  return made;
}
