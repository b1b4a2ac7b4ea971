// bittorrent-dht as a read-only node (BEP 43): says so in every query, answers none, and survives what it is answered.
// Private: `_onquery`, to answer nobody, and `_rpc.socket`, to add `ro` to what is sent and to survive where sending throws.
// Unnecessary once the library knows BEP 43 and does not throw.
import { createSocket } from 'node:dgram';
import { Client } from 'bittorrent-dht';
import { BencodeDictionary } from '../../metainfo/bencode-values.js';
import { decodeTolerantly } from '../../metainfo/decode-bencode.js';

const nodeIdBytes = 20;

/** Whom we ask, and who answers or asks us. */
export interface DhtNodes {
  mayAsk(host: string, port: number): boolean;
  heardFrom(host: string, port: number): void;
}

interface DhtPeer {
  readonly host: string;
  readonly port: number;
}

/** Null where it is remembered from announces, which we do not take. */
interface NamingNode {
  readonly address?: string;
  readonly host?: string;
}

/** Begins to listen on a free port. `bootstrap`: nodes to ask first, `host:port`; the well-known ones when left out. */
export function openDhtClient(
  bootstrap: readonly string[] | undefined,
  nodes: DhtNodes,
  onPeer: (peer: DhtPeer, infoHash: string, from: string | undefined) => void,
): Client {
  const socket = createSocket('udp4');
  const client = new Client(bootstrap === undefined ? { socket } : { socket, bootstrap });
  // Without a network, or a port: there is no DHT then, and trackers and known peers must do.
  client.on('error', () => {});
  client.on('warning', () => {});
  client.on('peer', (peer: DhtPeer, infoHash: Buffer, node: NamingNode | null) =>
    onPeer(peer, infoHash.toString('hex'), node?.address ?? node?.host),
  );
  client._onquery = () => {};
  const wire = client._rpc.socket;
  const send = wire.send;
  wire.send = (to, message, callback) => {
    // Not sent, the query times out.
    if (!nodes.mayAsk(to.address ?? to.host ?? '', to.port)) return;
    // A node's address may be nonsense (port 0), and sending there throws.
    try {
      send.call(wire, to, message.y === 'q' ? { ...message, ro: 1 } : message, callback);
    } catch {
      // As above.
    }
  };
  survive(socket);
  socket.on('message', (_, { address, port }) => nodes.heardFrom(address, port));
  client.listen(0);
  return client;
}

/** The library reads answers without checking anything: what is no message, or throws, is dropped alone. */
function survive(socket: ReturnType<typeof createSocket>): void {
  const listeners = socket.listeners('message');
  socket.removeAllListeners('message');
  socket.on('message', (...datagram) => {
    if (!isMessage(datagram[0])) return;
    for (const listener of listeners) {
      try {
        listener.apply(socket, datagram);
      } catch {
        // Not a message of the DHT.
      }
    }
  });
}

/** An answer without a node's id makes the library throw after it has struck the query off its list: it would never end. */
function isMessage(bytes: Uint8Array): boolean {
  try {
    const message = decodeTolerantly(bytes, 'wire').value;
    if (!(message instanceof BencodeDictionary)) return false;
    const answer = message.get('r');
    if (answer === undefined) return true;
    const id = answer instanceof BencodeDictionary ? answer.get('id') : undefined;
    return id instanceof Uint8Array && id.length === nodeIdBytes;
  } catch {
    return false;
  }
}
