// A port that nobody else uses. The soak asks for one as well, so nothing of a test is needed here.
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A port free for TCP and UDP on 127.0.0.1, outside the range from which systems take ports by themselves.
 *
 * @param below a random whole number from 0 up to this one
 */
export async function freePort(below: (end: number) => number = randomInt): Promise<number> {
  for (;;) {
    const port = 20_000 + below(12_000);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const tcp = createServer();
  const udp = createSocket('udp4');
  try {
    tcp.listen(port, '127.0.0.1');
    await once(tcp, 'listening');
    udp.bind(port, '127.0.0.1');
    await once(udp, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    tcp.close();
    udp.close();
  }
}
