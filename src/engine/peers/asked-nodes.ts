// Which nodes of the DHT are asked: none on this machine on a stranger's word, and nobody who is merely named as one at
// more than a few ports. UDP cannot tell whether anybody is there until there is an answer.
import { dialLimits } from '../../limits.js';
import { addressClass, addressKey } from '../../net/address-class.js';
import { isOwnAddress } from '../../net/own-addresses.js';

export interface AskedNodes {
  mayAsk(host: string, port: number): boolean;
  heardFrom(host: string, port: number): void;
}

/** `isLocal`: the user has named nodes of this machine. `nowMs`: a clock, for tests. */
export function createAskedNodes(
  isLocal: boolean,
  nowMs: () => number = () => performance.now(),
): AskedNodes {
  /** By address key, the ports that have not answered, and since when; the address asked longest ago first. */
  const silent = new Map<string, Map<number, number>>();
  /** Nodes that have answered, the one heard of longest ago first. */
  const good = new Set<string>();

  const silentAt = (host: string): Map<number, number> => {
    const ports = silent.get(addressKey(host)) ?? new Map();
    for (const [port, sinceMs] of ports) {
      if (nowMs() - sinceMs >= dialLimits.failedPortsMs) ports.delete(port);
    }
    return ports;
  };

  return {
    mayAsk(host, port) {
      const reach = addressClass(host);
      if (reach === undefined || (reach === 'loopback' && !isLocal)) return false;
      if (good.has(`${host} ${port}`) || (isLocal && isOwnAddress(host))) return true;
      const ports = silentAt(host);
      if (!ports.has(port) && ports.size >= dialLimits.failedPortsPerAddress) return false;
      if (!ports.has(port)) ports.set(port, nowMs());
      silent.delete(addressKey(host));
      silent.set(addressKey(host), ports);
      dropOldest(silent);
      return true;
    },
    heardFrom(host, port) {
      // Whoever was not asked may be anybody: a sender's address is easily made up.
      if (!silent.get(addressKey(host))?.delete(port)) return;
      good.add(`${host} ${port}`);
      dropOldest(good);
    },
  };
}

function dropOldest(remembered: Map<string, unknown> | Set<string>): void {
  for (const oldest of remembered.keys()) {
    if (remembered.size <= dialLimits.rememberedAddresses) return;
    remembered.delete(oldest);
  }
}
