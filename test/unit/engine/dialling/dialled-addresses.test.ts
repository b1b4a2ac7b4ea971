import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDialledAddresses } from '../../../../src/engine/dialling/dialled-addresses.js';
import { dialLimits } from '../../../../src/limits.js';
import { parsePeerAddress } from '../../../../src/net/peer-address.js';

const any = Number.POSITIVE_INFINITY;
const few = dialLimits.failedPortsPerAddress;
const at = (port: number, host = '192.0.2.1') => {
  const address = parsePeerAddress(`${host}:${port}`);
  if (address === undefined) throw new Error('no address');
  return address;
};

/** A connection that brings nothing. */
const idle = () => ({ usefulBytes: 0, displace: () => {} });

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

function fail(addresses: ReturnType<typeof createDialledAddresses>, ports: readonly number[]) {
  for (const port of ports) addresses.dial(at(port), few, idle()).ended(true);
}

describe('an address that is dialled', () => {
  it('has three connections half-open, and the next when one is answered', () => {
    let freed = 0;
    const addresses = createDialledAddresses();
    const dials = [1, 2, 3].map((port) => addresses.dial(at(port), any, idle()));
    expect(addresses.stateOf(at(4), any)).toBe('busy');
    expect(addresses.stateOf(at(4, '192.0.2.2'), any)).toBe('free');
    for (const port of [4, 5]) {
      addresses.waitFor(at(port), () => {
        freed += 1;
        return true;
      });
    }
    dials[0]?.answered();
    expect(addresses.stateOf(at(4), any)).toBe('free');
    expect(freed).toBe(1);
  });

  it('has the next a second later where it does not answer', () => {
    const addresses = createDialledAddresses();
    for (const port of [1, 2, 3]) addresses.dial(at(port), any, idle());
    vi.advanceTimersByTime(dialLimits.addressWaitMs - 1);
    expect(addresses.stateOf(at(4), any)).toBe('busy');
    vi.advanceTimersByTime(1);
    expect(addresses.stateOf(at(4), any)).toBe('free');
  });

  it('has ten half-open where it is this machine', () => {
    const addresses = createDialledAddresses();
    for (let port = 1; port <= 9; port += 1) addresses.dial(at(port, '127.0.0.1'), any, idle());
    expect(addresses.stateOf(at(99, '127.0.0.1'), any)).toBe('free');
    addresses.dial(at(10, '127.0.0.1'), any, idle());
    expect(addresses.stateOf(at(99, '127.0.0.1'), any)).toBe('busy');
  });

  it('is left alone for an hour once five ports have failed', () => {
    const addresses = createDialledAddresses();
    fail(addresses, [1, 2, 3, 4]);
    expect(addresses.stateOf(at(5), few)).toBe('free');
    fail(addresses, [5]);
    expect([5, 6].map((port) => addresses.stateOf(at(port), few))).toEqual([
      'exhausted',
      'exhausted',
    ]);
    vi.advanceTimersByTime(dialLimits.failedPortsMs + 1);
    expect(addresses.stateOf(at(6), few)).toBe('free');
  });

  it('has no sixth port tried before one of five has answered', () => {
    const addresses = createDialledAddresses();
    const dials = [1, 2, 3, 4, 5].map((port) => addresses.dial(at(port), few, idle()));
    vi.advanceTimersByTime(dialLimits.addressWaitMs);
    expect(addresses.stateOf(at(6), few)).toBe('busy');
    dials[2]?.proven();
    expect(addresses.stateOf(at(6), few)).toBe('free');
  });

  it('keeps the port where a peer has answered, whatever fails beside it and whatever fails there later', () => {
    const addresses = createDialledAddresses();
    const good = addresses.dial(at(7), few, idle());
    good.proven();
    good.ended(true);
    fail(addresses, [1, 2, 3, 4, 5, 7]);
    expect(addresses.stateOf(at(7), few)).toBe('free');
    expect(addresses.stateOf(at(8), few)).toBe('exhausted');
  });

  it('has ports left for a tracker to name where others have named wrong ones', () => {
    const addresses = createDialledAddresses();
    fail(addresses, [1, 2, 3]);
    expect(addresses.stateOf(at(4), dialLimits.failedPortsOnHearsay)).toBe('exhausted');
    expect(addresses.stateOf(at(4), few)).toBe('free');
  });

  it('has not failed where nothing could be sent', () => {
    const addresses = createDialledAddresses();
    for (const port of [1, 2, 3, 4, 5, 6]) addresses.dial(at(port), few, idle()).ended(false);
    expect(addresses.stateOf(at(7), few)).toBe('free');
  });

  it('is one network where it is an IPv6 address', () => {
    const addresses = createDialledAddresses();
    for (const port of [1, 2, 3]) addresses.dial(at(port, `[2001:db8::${port}]`), few, idle());
    expect(addresses.stateOf(at(4, '[2001:db8::4]'), few)).toBe('busy');
    expect(addresses.stateOf(at(4, '[2001:db8:0:1::4]'), few)).toBe('free');
  });

  it('is forgotten after thousands of others, but not while it is dialled', () => {
    const addresses = createDialledAddresses();
    fail(addresses, [1, 2, 3, 4, 5]);
    const last = addresses.dial(at(1, '192.0.2.2'), few, idle());
    for (let index = 0; index < dialLimits.rememberedAddresses; index += 1) {
      addresses.dial(at(1, `198.18.${index >> 8}.${index & 0xff}`), few, idle()).ended(true);
    }
    expect(addresses.stateOf(at(6), few)).toBe('free');
    expect(addresses.hasFailed(at(1, '192.0.2.2'))).toBe(true);
    last.ended(true);
  });
});

describe('an address that many torrents share', () => {
  const most = dialLimits.connectionsPerAddress;

  /** As many connections as there may be, each with a peer at its end. */
  function fill(addresses: ReturnType<typeof createDialledAddresses>, host?: string) {
    const displaced: number[] = [];
    const occupants = Array.from({ length: most }, (_, nth) => ({
      usefulBytes: 0,
      displace: () => void displaced.push(nth),
    }));
    const dials = occupants.map((occupant) => {
      const dial = addresses.dial(at(7, host), any, occupant);
      dial.proven();
      return dial;
    });
    return { dials, occupants, displaced };
  }

  it('has so many connections, and the next torrent its turn when one ends', () => {
    const addresses = createDialledAddresses();
    const { dials } = fill(addresses);
    const freed: string[] = [];
    expect(addresses.stateOf(at(7), any)).toBe('busy');
    addresses.waitFor(at(7), () => freed.push('first') > 0);
    addresses.waitFor(at(7), () => freed.push('second') > 0);
    expect(freed).toEqual([]);
    dials[5]?.ended(true);
    expect(freed).toEqual(['first']);
    expect(addresses.stateOf(at(7), any)).toBe('free');
  });

  it('is not kept for those who have left meanwhile, nor are they kept', () => {
    const addresses = createDialledAddresses();
    const { dials } = fill(addresses);
    const asked: string[] = [];
    const waitAs = (who: string, isThere: boolean) =>
      addresses.waitFor(at(7), () => {
        asked.push(who);
        return isThere;
      });
    for (const who of ['gone', 'gone too']) waitAs(who, false);
    waitAs('there', true);
    waitAs('next', true);
    dials[5]?.ended(true);
    expect(asked).toEqual(['gone', 'gone too', 'there']);
    dials[6]?.ended(true);
    expect(asked).toEqual(['gone', 'gone too', 'there', 'next']);
  });

  it('has any number of them on this machine', () => {
    const addresses = createDialledAddresses();
    fill(addresses, '127.0.0.1');
    expect(addresses.stateOf(at(7, '127.0.0.1'), any)).toBe('free');
  });

  it('loses the one that was of no use longest, when it has been for long enough', () => {
    const addresses = createDialledAddresses();
    const { occupants, displaced } = fill(addresses);
    addresses.waitFor(at(7), () => true);
    vi.advanceTimersByTime(dialLimits.uselessMs / 2);
    for (const [nth, occupant] of occupants.entries()) if (nth !== 3) occupant.usefulBytes += 1;
    addresses.waitFor(at(7), () => true);
    expect(displaced).toEqual([]);
    vi.advanceTimersByTime(dialLimits.uselessMs / 2);
    addresses.waitFor(at(7), () => true);
    expect(displaced).toEqual([3]);
  });
});
