import { describe, expect, it } from 'vitest';
import {
  mayBeDialled,
  type PeerSource,
} from '../../../../../src/engine/dialling/known-peers/peer-source.js';

const elsewhere: readonly PeerSource[] = [
  { kind: 'tracker', from: '192.0.2.1' },
  { kind: 'tracker', from: '10.0.0.1' },
  { kind: 'tracker', from: 'tracker.example' },
  { kind: 'dht', from: '2001:db8::1' },
  { kind: 'exchange', from: undefined },
];
const here: readonly PeerSource[] = [
  { kind: 'user' },
  { kind: 'tracker', from: '127.0.0.1' },
  { kind: 'dht', from: '::1' },
  { kind: 'exchange', from: '::ffff:127.0.0.1' },
];

describe('a peer', () => {
  it.each(['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'])(
    'on this machine (%s) is dialled if this machine or the user names it, and on nobody else’s word',
    (host) => {
      expect(elsewhere.filter((source) => mayBeDialled(host, source))).toEqual([]);
      expect(here.filter((source) => !mayBeDialled(host, source))).toEqual([]);
    },
  );

  it.each(['10.1.2.3', '192.168.0.9', 'fd00::9', '192.0.2.7', '2001:db8::7'])(
    'at %s is dialled whoever names it',
    (host) => {
      const refused = [...elsewhere, ...here].filter((source) => !mayBeDialled(host, source));
      expect(refused).toEqual([]);
    },
  );

  it.each(['224.0.0.1', '255.255.255.255', '0.0.0.0', '::', 'ff02::1', '169.254.169.254'])(
    'at %s is dialled on nobody’s word',
    (host) => {
      expect([...elsewhere, ...here].filter((source) => mayBeDialled(host, source))).toEqual([]);
    },
  );
});
