// What a tracker answers to an announce.

/** Peers on 127.0.0.1 in compact form (BEP 23). */
export function compactPeers(ports: readonly number[]): Buffer {
  return Buffer.from(ports.flatMap((port) => [127, 0, 0, 1, port >> 8, port & 0xff]));
}

/** Come again in half an hour. */
export function announceAnswer(ports: readonly number[]): Buffer {
  const peers = compactPeers(ports);
  const begin = Buffer.from(`d8:intervali1800e5:peers${peers.length}:`);
  return Buffer.concat([begin, peers, Buffer.from('e')]);
}
