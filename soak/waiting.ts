// Waiting with an end to it: for time to pass, for something to become so, for a port.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../fuzz/random.js';

/** Resolves early, and never rejects, when the soak is over. */
export async function pause(ms: number, over: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: over }).catch(() => {});
}

/** Between half and one and a half times `meanMs`. */
export function about(meanMs: number, random: Random): number {
  return meanMs / 2 + random.below(Math.ceil(meanMs));
}

/** Those who wait for something look again whenever it rings; they stop waiting when the soak is over. */
export interface Bell {
  ring(): void;
  /** Whether it became so in time. Rejects as `isSo` throws, and when the soak is over. */
  until(isSo: () => boolean, deadlineMs: number): Promise<boolean>;
}

export function createBell(over: AbortSignal): Bell {
  const looks = new Set<() => void>();
  const ring = () => {
    for (const look of looks) look();
  };
  over.addEventListener('abort', ring);
  return {
    ring,
    until: (isSo, deadlineMs) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => settle(() => resolve(false)), deadlineMs);
        const settle = (say: () => void) => {
          clearTimeout(timer);
          looks.delete(look);
          say();
        };
        const look = () => {
          try {
            over.throwIfAborted();
            if (isSo()) settle(() => resolve(true));
          } catch (error) {
            settle(() => reject(error));
          }
        };
        looks.add(look);
        look();
      }),
  };
}

/** A port free for TCP and UDP on 127.0.0.1, outside the range from which systems take ports by themselves. */
export async function freePort(random: Random): Promise<number> {
  for (;;) {
    const port = 20_000 + random.below(12_000);
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
