// Speaks to a tracker as a peer does, byte by byte, so that tests may also say what no client would.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { BencodeDictionary, type BencodeValue } from '../../../src/metainfo/bencode-values.js';
import { decodeBencode } from '../../../src/metainfo/decode-bencode.js';

/** With bytes over 0x7f, a space, a plus, an ampersand and a percent sign. */
export const infoHash = 'ff00807f202b2625c3a9e2989affd8fe00010203';
export const otherHash = '1111111111111111111111111111111111111111';
export const peerId = '2d5454303030302df0f1f2f3f4f5f6f7f8f9fafb';
export const otherPeerId = '2d5454303030302d303132333435363738393a3b';

export function percentEncoded(hex: string): string {
  return hex.replace(/../g, '%$&');
}

export interface AnnounceFields {
  readonly infoHash?: string;
  readonly peerId?: string;
  readonly port?: number;
  readonly left?: number;
  readonly event?: string;
  readonly ip?: string;
  readonly numwant?: number;
}

export function announceQuery(fields: AnnounceFields = {}): string {
  const { infoHash: hash = infoHash, peerId: id = peerId, port = 7001, left = 1, ...rest } = fields;
  const query = `info_hash=${percentEncoded(hash)}&peer_id=${percentEncoded(id)}&port=${port}&left=${left}`;
  const more = Object.entries(rest).map(([name, value]) => `&${name}=${value}`);
  return `${query}&compact=1${more.join('')}`;
}

export interface Answer {
  readonly failure: string | undefined;
  readonly complete: number | undefined;
  readonly incomplete: number | undefined;
  readonly interval: number | undefined;
  readonly minInterval: number | undefined;
  /** `ip:port` of every IPv4 peer, sorted. */
  readonly peers: readonly string[];
  readonly peers6: Uint8Array;
}

export async function getAnnounce(announceUrl: string, fields?: AnnounceFields): Promise<Answer> {
  return readAnswer(await getBencoded(`${announceUrl}?${announceQuery(fields)}`));
}

export async function getBencoded(url: string): Promise<BencodeDictionary> {
  const response = await fetch(url);
  return asDictionary(decodeBencode(new Uint8Array(await response.arrayBuffer())));
}

export function asDictionary(value: BencodeValue | undefined): BencodeDictionary {
  if (!(value instanceof BencodeDictionary)) throw new Error('not a dictionary');
  return value;
}

export function readAnswer(answer: BencodeDictionary): Answer {
  const number = (key: string) => {
    const value = answer.get(key);
    return typeof value === 'number' ? value : undefined;
  };
  const bytes = (key: string) => {
    const value = answer.get(key);
    return value instanceof Uint8Array ? value : undefined;
  };
  const failure = bytes('failure reason');
  return {
    failure: failure && Buffer.from(failure).toString(),
    complete: number('complete'),
    incomplete: number('incomplete'),
    interval: number('interval'),
    minInterval: number('min interval'),
    peers: readPeers(Buffer.from(bytes('peers') ?? [])),
    peers6: bytes('peers6') ?? new Uint8Array(),
  };
}

export function readPeers(compact: Buffer): string[] {
  const peers: string[] = [];
  for (let at = 0; at < compact.length; at += 6) {
    peers.push(`${compact.subarray(at, at + 4).join('.')}:${compact.readUInt16BE(at + 4)}`);
  }
  return peers.sort();
}

/** Sends raw text over TCP and resolves with all that comes back until the connection ends. */
export async function sendRaw(port: number, text: string, host = '127.0.0.1'): Promise<string> {
  const socket = connect(port, host);
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    answer += chunk;
  });
  // A reset ends it as well: the server may cut off a request it does not read.
  socket.on('error', () => socket.destroy());
  socket.write(text, 'latin1');
  await new Promise((resolve) => socket.once('close', resolve));
  return answer;
}

/** A UDP socket of a peer: one request, one answer. */
export class UdpPeer {
  readonly #socket: Socket;

  constructor(
    readonly port: number,
    readonly host = '127.0.0.1',
  ) {
    this.#socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  }

  /** Resolves when the packet has left. */
  send(packet: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(packet, this.port, this.host, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  async ask(packet: Uint8Array): Promise<Buffer> {
    const answer = once(this.#socket, 'message', { signal: AbortSignal.timeout(5_000) });
    const [[message]] = await Promise.all([answer, this.send(packet)]);
    if (!Buffer.isBuffer(message)) throw new Error('not a datagram');
    return message;
  }

  async connect(): Promise<Buffer> {
    return (await this.ask(connectPacket)).subarray(8);
  }

  close(): void {
    this.#socket.close();
  }
}

export const connectPacket = Buffer.from('000004172710198000000000aabbccdd', 'hex');

export function udpAnnounce(
  id: Uint8Array,
  fields: AnnounceFields & { readonly ipField?: string } = {},
): Buffer {
  const packet = Buffer.alloc(98);
  packet.set(id, 0);
  packet.writeUInt32BE(1, 8);
  packet.writeUInt32BE(0xaabbccdd, 12);
  packet.write(fields.infoHash ?? infoHash, 16, 'hex');
  packet.write(fields.peerId ?? peerId, 36, 'hex');
  packet.writeBigUInt64BE(BigInt(fields.left ?? 1), 64);
  packet.writeUInt32BE(['', 'completed', 'started', 'stopped'].indexOf(fields.event ?? ''), 80);
  packet.set((fields.ipField ?? '0.0.0.0').split('.').map(Number), 84);
  packet.writeUInt32BE(fields.numwant ?? 0xffffffff, 92);
  packet.writeUInt16BE(fields.port ?? 7001, 96);
  return packet;
}

export function udpScrape(id: Uint8Array, infoHashes: readonly string[]): Buffer {
  return Buffer.concat([
    id,
    Buffer.from('00000002aabbccdd', 'hex'),
    ...infoHashes.map((hash) => Buffer.from(hash, 'hex')),
  ]);
}
