// What the tracker makes of peers on other machines, which loopback cannot show.
import { expect, test } from 'vitest';
import { hashBytes } from '../../support/trackers/tracked-announce.js';
import {
  infoHash,
  otherPeerId,
  readPeers,
  udpAnnounce,
} from '../../support/trackers/tracker-requests.js';
import { UnconnectedTracker } from '../../support/trackers/unconnected-tracker.js';

const elsewhere = '203.0.113.9';
const observer = { port: 7099, peerId: otherPeerId };

test('an `ip` parameter from another machine is ignored', () => {
  const tracker = new UnconnectedTracker('any');
  tracker.announce(elsewhere, { ip: '198.51.100.4' });
  expect(tracker.announce('203.0.113.10', observer).peers).toEqual([`${elsewhere}:7001`]);
});

test('an `ip` field from another machine is ignored', () => {
  const tracker = new UnconnectedTracker('any');
  const id = tracker.connect(elsewhere);
  tracker.udp(elsewhere, udpAnnounce(id, { ipField: '198.51.100.4' }));
  const answer = tracker.udp(elsewhere, udpAnnounce(id, observer));
  expect(readPeers(Buffer.from(answer?.subarray(20) ?? []))).toEqual([`${elsewhere}:7001`]);
});

test('an IPv4 peer seen through an IPv6 socket is told of as IPv4', () => {
  const tracker = new UnconnectedTracker('any');
  tracker.announce(`::ffff:${elsewhere}`);
  expect(tracker.announce('127.0.0.1', observer).peers).toEqual([`${elsewhere}:7001`]);
});

test('a peer elsewhere is refused a torrent that is not registered, over HTTP and over UDP', () => {
  const tracker = new UnconnectedTracker('registered');
  const reason = 'this tracker does not track this torrent';
  expect(tracker.announce(elsewhere).failure).toBe(reason);
  const answer = tracker.udp(elsewhere, udpAnnounce(tracker.connect(elsewhere)));
  expect(answer?.readUInt32BE(0)).toBe(3);
  expect(answer?.subarray(8).toString()).toBe(reason);
  expect(tracker.swarms.size).toBe(0);
});

test('a peer elsewhere is served a registered torrent, and one that is announced from here', () => {
  const tracker = new UnconnectedTracker('registered');
  tracker.swarms.register(hashBytes(infoHash));
  expect(tracker.announce(elsewhere)).toMatchObject({ failure: undefined, incomplete: 1 });
  const announcedHere = 'cd'.repeat(20);
  tracker.announce('127.0.0.1', { infoHash: announcedHere });
  expect(tracker.announce(elsewhere, { ...observer, infoHash: announcedHere }).peers).toEqual([
    '127.0.0.1:7001',
  ]);
});

test('a zone is no part of the address of a peer that names its own', () => {
  const tracker = new UnconnectedTracker('any');
  tracker.announce('127.0.0.1', { ip: 'fe80::1%25eth0' });
  const { peers6 } = tracker.announce(elsewhere, observer);
  expect(Buffer.from(peers6).toString('hex')).toBe(`fe80${'00'.repeat(13)}011b59`);
});

test.each([
  ['that is registered', true, '198.51.100.4:7001'],
  ['that only this machine may announce', false, '127.0.0.1:7001'],
])(
  'of a torrent %s, a peer on this machine may or may not name its address',
  (_, isRegistered, told) => {
    const overHttp = new UnconnectedTracker('registered');
    if (isRegistered) overHttp.swarms.register(hashBytes(infoHash));
    overHttp.announce('127.0.0.1', { ip: '198.51.100.4' });
    expect(overHttp.announce(elsewhere, observer).peers).toEqual([told]);

    const overUdp = new UnconnectedTracker('registered');
    if (isRegistered) overUdp.swarms.register(hashBytes(infoHash));
    const own = overUdp.connect('127.0.0.1');
    overUdp.udp('127.0.0.1', udpAnnounce(own, { ipField: '198.51.100.4' }));
    const answer = overUdp.udp(elsewhere, udpAnnounce(overUdp.connect(elsewhere), observer));
    expect(readPeers(Buffer.from(answer?.subarray(20) ?? []))).toEqual([told]);
  },
);

test.each(['224.0.0.1', '255.255.255.255', '0.0.0.0', '169.254.169.254', 'ff02::1', '::'])(
  'a peer on this machine that names %s, where nothing may be sent, is told of as it came',
  (ip) => {
    const tracker = new UnconnectedTracker('any');
    tracker.announce('127.0.0.1', { ip });
    expect(tracker.announce(elsewhere, observer).peers).toEqual(['127.0.0.1:7001']);
  },
);

test('who comes from the address of a seeder on this machine can neither stop it nor make a leecher of it', () => {
  const tracker = new UnconnectedTracker('registered');
  tracker.swarms.register(hashBytes(infoHash));
  tracker.announce('127.0.0.1', { ip: elsewhere, left: 0 });
  for (const event of ['started', 'stopped']) {
    tracker.announce(elsewhere, { peerId: 'ab'.repeat(20), left: 9, event });
  }
  expect(tracker.announce('203.0.113.10', observer)).toMatchObject({
    complete: 1,
    peers: [`${elsewhere}:7001`],
  });
});
