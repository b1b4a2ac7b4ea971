// Feeds bencode to the libraries as strangers do, right and wrong, and sees what each of them makes of it. Runs in the
// tests, and in a bundle that is made as the built one is.
import { EventEmitter } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import Wire from 'bittorrent-protocol';
import KrpcSocket from 'k-rpc-socket';
import parseTorrent from 'parse-torrent';
import utPex from 'ut_pex';
import { extended, handshake } from '../peers/wire-messages.js';

export type Verdict = 'taken' | 'refused';

interface Library {
  readonly name: string;
  /** What stands in a dictionary that it takes. */
  readonly entries: string;
  hear(bytes: Buffer): Promise<Verdict>;
}

const libraries: readonly Library[] = [
  { name: 'bittorrent-protocol', entries: '1:pi6881e', hear: hearAsPeer },
  { name: 'k-rpc-socket', entries: '1:q4:ping1:t2:xx1:y1:q', hear: hearAsNode },
  {
    name: 'parse-torrent',
    entries: `4:infod6:lengthi1e4:name1:n12:piece lengthi16384e6:pieces20:${'h'.repeat(20)}e`,
    hear: hearAsTorrent,
  },
  { name: 'ut_pex', entries: '5:added6:\x7f\0\0\x01\x1a\xe1', hear: hearAsPeerExchange },
];

/** In the order that they are fed in: what the package takes, too, comes before what it would never be done with. */
const messages = {
  right: (entries: string) => `d${entries}e`,
  'with lists that are deep': (entries: string) =>
    `d1:a${'l'.repeat(30)}${'e'.repeat(30)}${entries}e`,
  'with a length below nought': (entries: string) => `d1:a-3:x${entries}e`,
};

export type Verdicts = Record<keyof typeof messages, Verdict>;

/** By library. */
export async function feedLibraries(): Promise<Record<string, Verdicts>> {
  const verdicts = libraries.map(async ({ name, entries, hear }) => {
    const said = async (kind: keyof typeof messages) =>
      hear(Buffer.from(messages[kind](entries), 'latin1'));
    const right = await said('right');
    const deep = await said('with lists that are deep');
    // Whoever takes that has the package's own decoder, which would not come back from the next.
    const below = deep === 'taken' ? 'taken' : await said('with a length below nought');
    const all = { right, 'with lists that are deep': deep, 'with a length below nought': below };
    return [name, all] as const;
  });
  return Object.fromEntries(await Promise.all(verdicts));
}

async function hearAsPeer(bytes: Buffer): Promise<Verdict> {
  const wire = new Wire('tcpIncoming', 0);
  wire.on('error', () => {});
  let verdict: Verdict = 'refused';
  wire.on('extended', () => {
    verdict = 'taken';
  });
  wire.write(Buffer.concat([handshake('68'.repeat(20)), extended(0, bytes)]));
  await setImmediate();
  wire.destroy();
  return verdict;
}

async function hearAsNode(bytes: Buffer): Promise<Verdict> {
  const socket = Object.assign(new EventEmitter(), { close: () => {} });
  const rpc = new KrpcSocket({ socket });
  let verdict: Verdict = 'refused';
  rpc.on('query', () => {
    verdict = 'taken';
  });
  socket.emit('message', bytes, { address: '127.0.0.1', port: 6881 });
  rpc.destroy();
  return verdict;
}

async function hearAsTorrent(bytes: Buffer): Promise<Verdict> {
  return parseTorrent(bytes).then(
    () => 'taken',
    () => 'refused',
  );
}

async function hearAsPeerExchange(bytes: Buffer): Promise<Verdict> {
  const exchange = new (utPex())({ destroy: () => {} });
  let verdict: Verdict = 'refused';
  exchange.on('peer', () => {
    verdict = 'taken';
  });
  exchange.onMessage(bytes);
  return verdict;
}
