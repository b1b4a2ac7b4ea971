// Opens a server on this machine, for whoever wants to know on which port.
import { once } from 'node:events';
import type { Server } from 'node:net';

/** Resolves with the port when it listens; a free one if none is asked for. */
export async function listenOn(server: Server, port = 0, host = '127.0.0.1'): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('this server has no port');
  return address.port;
}
