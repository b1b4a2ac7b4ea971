// The line that tells that the helper is there, and who can reach it.
import type { Helper } from '../helper/helper.js';
import { isLoopback } from '../net/ip-address.js';

export function readyLine({ peerPort, announce }: Helper, host: string): string {
  const tracker = announce.flat()[0] ?? 'none';
  const reach = isLoopback(host)
    ? '; only this machine can reach it, --host ADDRESS changes that'
    : '';
  return `bittorrent-helper: ready: peer port ${peerPort}, tracker ${tracker}${reach}\n`;
}
