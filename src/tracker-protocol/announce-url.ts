// The URLs by which peers announce to an embedded tracker: text only, nothing is opened or looked up.
import { isIPv6 } from 'node:net';

/** The port of an embedded tracker, where it is free, and of one that is alone. */
export const usualTrackerPort = 6969;

/** `http://HOST:PORT/announce` (BEP 3); an IPv6 host stands in brackets. */
export function httpAnnounceUrl(host: string, port: number): string {
  return `http://${authority(host, port)}/announce`;
}

/** `udp://HOST:PORT/announce` (BEP 15; the path is custom only, UDP carries none). */
export function udpAnnounceUrl(host: string, port: number): string {
  return `udp://${authority(host, port)}/announce`;
}

/** The tiers (BEP 12) of a torrent that is announced here: HTTP first, UDP should that fail. */
export function announceUrls(host: string, port: number): readonly (readonly string[])[] {
  return [[httpAnnounceUrl(host, port)], [udpAnnounceUrl(host, port)]];
}

/** `HOST:PORT`; an IPv6 host stands in brackets. */
export function authority(host: string, port: number): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
