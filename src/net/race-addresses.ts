// A host of many addresses (RFC 8305, "happy eyeballs"): one after the other is tried, both families in turn, the next a
// quarter of a second after the last or as soon as that has failed, and the first that answers is taken. What trying is,
// and whether it is permitted, is for whoever asks.
import { isIPv6 } from 'node:net';
import { systemCode } from '../errors.js';
import { dialLimits } from '../limits.js';

/** What one address is tried with. */
export interface Heat {
  /** The address answers. True for the first that says so; once another has, nothing may be sent any more. */
  won(): boolean;
  /** Aborts once another has won, or nobody waits any more. */
  readonly lost: AbortSignal;
}

/** Settles once it is known whether the address answers; what it rejects with after it has won is final. */
export type AddressAttempt<T> = (address: string, heat: Heat) => Promise<T>;

/**
 * What the attempt that won has resolved with. `host`: whatever the addresses are those of, with its port; the one that
 * answered is tried first for the next ten minutes. Rejects with what speaks against the last, or the signal's reason.
 */
export type RaceAddresses = <T>(
  host: string,
  addresses: readonly string[],
  attempt: AddressAttempt<T>,
  signal?: AbortSignal,
) => Promise<T>;

const delayMs = 250;
const rememberedMs = 10 * 60_000;
const mostRemembered = 500;

/** With these nothing has left this machine: they tell nothing of the host. */
const ownFailures: ReadonlySet<string | undefined> = new Set([
  ...['ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EHOSTUNREACH'],
]);

export function createAddressRace(): RaceAddresses {
  const winners = new Map<string, { readonly address: string; readonly atMs: number }>();
  const lastWinner = (host: string) => {
    const { address, atMs = 0 } = winners.get(host) ?? {};
    return performance.now() - atMs < rememberedMs ? address : undefined;
  };
  const remember = (host: string, address: string) => {
    winners.delete(host);
    winners.set(host, { address, atMs: performance.now() });
    const [oldest] = winners.keys();
    if (winners.size > mostRemembered && oldest !== undefined) winners.delete(oldest);
  };
  return (host, addresses, attempt, signal) => {
    const ordered = orderOf(addresses, lastWinner(host));
    return race(ordered, attempt, (address) => remember(host, address), signal);
  };
}

/** For all of the process. */
export const raceAddresses: RaceAddresses = createAddressRace();

function race<T>(
  addresses: readonly string[],
  attempt: AddressAttempt<T>,
  onWon: (address: string) => void,
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const waiting = [...addresses];
    const underWay = new Map<string, AbortController>();
    const failures: unknown[] = [];
    let isOver = false;
    let timer: NodeJS.Timeout | undefined;

    const end = () => {
      isOver = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      for (const heat of underWay.values()) heat.abort();
    };
    const giveUp = () => {
      end();
      reject(signal?.reason);
    };
    const enter = async (address: string) => {
      const heat = new AbortController();
      let hasWon = false;
      const won = () => {
        if (isOver) return hasWon;
        hasWon = true;
        underWay.delete(address);
        end();
        onWon(address);
        return true;
      };
      underWay.set(address, heat);
      try {
        const value = await attempt(address, { won, lost: heat.signal });
        if (won()) resolve(value);
      } catch (thrown) {
        underWay.delete(address);
        failures.push(thrown);
        if (hasWon) reject(thrown);
        else if (!isOver) tryNext();
      }
    };
    const tryNext = () => {
      clearTimeout(timer);
      const address = waiting.shift();
      if (address !== undefined) {
        if (waiting.length > 0) timer = setTimeout(tryNext, delayMs).unref();
        void enter(address);
      } else if (underWay.size === 0) {
        end();
        reject(tellingOf(failures));
      }
    };

    signal?.addEventListener('abort', giveUp);
    if (signal?.aborted) giveUp();
    else tryNext();
  });
}

/** The families in turn, beginning with that of the first; the last winner before all. */
function orderOf(addresses: readonly string[], winner: string | undefined): readonly string[] {
  const unique = [...new Set(addresses)];
  const first = isIPv6(unique[0] ?? '');
  const ofFirst = unique.filter((address) => isIPv6(address) === first);
  const ofOther = unique.filter((address) => isIPv6(address) !== first);
  const inTurn = Array.from(unique, (_, index) => [ofFirst[index], ofOther[index]]).flat();
  const ordered = inTurn.filter((address) => address !== undefined);
  const before = ordered.filter((address) => address === winner);
  const rest = ordered.filter((address) => address !== winner);
  return [...before, ...rest].slice(0, dialLimits.addressesPerName);
}

/** The last that tells something of the host. */
function tellingOf(failures: readonly unknown[]): unknown {
  const isTelling = (failure: unknown) => !ownFailures.has(systemCode(failure));
  return failures.findLast(isTelling) ?? failures.at(-1) ?? new Error('it has no address');
}
