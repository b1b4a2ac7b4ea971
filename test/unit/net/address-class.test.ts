import { describe, expect, test } from 'vitest';
import { addressClass, addressKey } from '../../../src/net/address-class.js';

const classesOf = (...addresses: readonly string[]) => new Set(addresses.map(addressClass));

describe('an address', () => {
  test('leads to this machine alone', () => {
    expect(classesOf('127.0.0.1', '127.255.0.9', '::1', '::ffff:127.0.0.1')).toEqual(
      new Set(['loopback']),
    );
  });

  test('leads no further than the own network', () => {
    const [v4, v6] = [
      ['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.9.9', '100.64.0.1', '169.254.1.1'],
      ['fd12::1', 'fc00::1', 'fe80::1', 'fe80::1%eth0', '::ffff:10.0.0.1'],
    ];
    expect(classesOf(...v4, ...v6)).toEqual(new Set(['private']));
  });

  test('leads anywhere', () => {
    const addresses = ['172.32.0.1', '100.63.0.1', '8.8.8.8', '2001:db8::1', '128.0.0.1'];
    expect(classesOf(...addresses)).toEqual(new Set(['global']));
  });

  test('is never to be sent to', () => {
    const v4 = ['0.0.0.0', '0.1.2.3', '224.0.0.1', '239.9.9.9', '255.255.255.255', '240.0.0.1'];
    const others = ['::', 'ff02::1', 'host', ''];
    const clouds = ['169.254.169.254', '100.100.100.200', '168.63.129.16', '192.0.0.192'];
    clouds.push('fd00:ec2::254', 'fd20:ce::254');
    expect(classesOf(...v4, ...others, ...clouds)).toEqual(new Set([undefined]));
  });

  test('counts as what its packets end up at', () => {
    expect(addressClass('::ffff:7f00:1')).toBe('loopback');
    expect(addressClass('::ffff:a9fe:a9fe')).toBe(undefined);
    expect(addressClass('64:ff9b::10.0.0.1')).toBe('private');
    expect(addressClass('2002:7f00:1::')).toBe('loopback');
    expect(addressClass('2002:0808:0808::1')).toBe('global');
  });
});

describe('who counts as one', () => {
  test('is an IPv4 address, whichever way it is written', () => {
    expect(addressKey('::ffff:203.0.113.9')).toBe('203.0.113.9');
    expect(addressKey('203.0.113.9')).toBe('203.0.113.9');
  });

  test('is the network of an IPv6 address', () => {
    expect(addressKey('2001:db8:1:2:3:4:5:6')).toBe(addressKey('2001:db8:1:2::9'));
    expect(addressKey('2001:db8:1:2::1')).not.toBe(addressKey('2001:db8:1:3::1'));
    expect(addressKey('2001:DB8:0001:2::1')).toBe(addressKey('2001:db8:1:2::1'));
  });
});
