// Starts webtorrent with everything off that is done elsewhere, and sees to it that it listens where it should.
// Private: `_connPool` and its `_onTCPError`, as an error of the listening socket would end the client. Unnecessary once
// webtorrent survives one, or takes connections that others have accepted.
import { randomBytes } from 'node:crypto';
import WebTorrent from 'webtorrent';
import { withTimeout } from '../../async/with-timeout.js';
import { HelperError, systemCode } from '../../errors.js';
import type { EngineOptions } from '../engine.js';

export interface OpenClient {
  readonly client: WebTorrent;
  readonly peerPort: number;
}

/** Rejects with `PORT_TAKEN` if it cannot listen. */
export async function openClient(options: EngineOptions): Promise<OpenClient> {
  const { listen, port } = options;
  const client = new WebTorrent({
    peerId: Buffer.concat([Buffer.from('-BH0100-', 'latin1'), randomBytes(12)]),
    torrentPort: { port, host: listen },
    tracker: false,
    dht: false,
    lsd: false,
    utp: false,
    webSeeds: false,
    natUpnp: false,
    natPmp: false,
    maxConns: 1,
  });
  await new Promise<void>((resolve, reject) => {
    client.once('listening', resolve);
    client.once('error', (error: Error) => reject(portTaken(options, error)));
  });
  client.on('error', () => {});
  const pool = client._connPool;
  const peerPort = client.torrentPort;
  if (pool === null || typeof peerPort !== 'number') {
    throw new HelperError('INTERNAL', 'bug: webtorrent did not say which port it listens on');
  }
  // A connection that cannot be accepted (no file descriptor left) must not end the client.
  pool.tcpServer.off('error', pool._onTCPError);
  pool.tcpServer.on('error', () => {});
  return { client, peerPort };
}

/** Resolves when the port is closed, or after `timeoutMs`. Never rejects. */
export async function closeClient(client: WebTorrent, timeoutMs: number): Promise<void> {
  if (client.destroyed) return;
  const destroyed = new Promise<void>((resolve) => {
    client.destroy(() => resolve());
  });
  await withTimeout(timeoutMs, destroyed);
}

function portTaken({ listen, port }: EngineOptions, cause: Error): HelperError {
  const reasons: Record<string, string> = {
    EADDRINUSE: 'is in use; choose another, or none for a free one',
    EADDRNOTAVAIL: 'cannot be opened: the address is not one of this machine',
    EACCES: 'cannot be opened: this user may not; choose one above 1023',
  };
  const reason = reasons[systemCode(cause) ?? ''] ?? `cannot be opened: ${cause.message}`;
  return new HelperError('PORT_TAKEN', `peer port ${port} on ${listen} ${reason}`, { cause });
}
