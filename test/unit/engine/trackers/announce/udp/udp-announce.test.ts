import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AnnounceRefused } from '../../../../../../src/engine/trackers/announce/tracker-error.js';
import { announceOverUdp } from '../../../../../../src/engine/trackers/announce/udp/udp-announce.js';
import {
  readAnnounceAnswer,
  readConnectAnswer,
} from '../../../../../../src/engine/trackers/announce/udp/udp-answer.js';
import { UdpSockets } from '../../../../../../src/engine/trackers/announce/udp-sockets.js';
import { HelperError } from '../../../../../../src/errors.js';
import type { Permit } from '../../../../../../src/net/reach.js';
import {
  deadPort,
  request,
  type UdpAnswer,
  udpTracker,
} from '../../../../../support/trackers/fake-trackers.js';

const connectionId = Buffer.from('0123456789abcdef', 'hex');
const onePeer = Buffer.from('010203040005', 'hex');
/** Where packets are counted: however slow the machine is, none is sent again. */
const patient = { timeoutMs: 10_000, retransmitAfterMs: [5_000] };
const soon = { timeoutMs: 10_000, retransmitAfterMs: [250, 500, 1_000] };

/** The answer to a packet: its action and transaction, then `body`. */
function answer(packet: Buffer, body: Buffer, action = packet.readUInt32BE(8)): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(action);
  return Buffer.concat([header, packet.subarray(12, 16), body]);
}

function announceBody(intervalSeconds: number, peers: Buffer): Buffer {
  const fixed = Buffer.alloc(12);
  fixed.writeInt32BE(intervalSeconds);
  return Buffer.concat([fixed, peers]);
}

const isConnect = (packet: Buffer) => packet.length === 16;

/** A tracker that does as BEP 15 has it. */
const good: UdpAnswer = (packet, { port, address }, socket) => {
  const body = isConnect(packet) ? connectionId : announceBody(60, onePeer);
  socket.send(answer(packet, body), port, address);
};

/** One that connects, and answers the announce as told. */
function thatAnswers(announced: UdpAnswer): UdpAnswer {
  return (packet, sender, socket) => {
    const respond = isConnect(packet) ? good : announced;
    respond(packet, sender, socket);
  };
}

const unreachable = (message: RegExp) => ({
  name: 'HelperError',
  code: 'TRACKER_UNREACHABLE',
  message: expect.stringMatching(message),
});

const permit: Permit = {
  check(_, address) {
    if (address !== '127.0.0.1') throw new HelperError('TRACKER_FORBIDDEN', `not ${address}`);
  },
  redirectedBy: () => permit,
};

const openSockets = () =>
  process.getActiveResourcesInfo().filter((resource) => resource === 'UDPWrap').length;

describe('an announce over UDP', () => {
  it('connects, announces, and hears of peers', async () => {
    const tracker = await udpTracker(good);
    const heard = await announceOverUdp(`${tracker.origin}/announce`, request, soon);
    expect(heard).toEqual({
      from: '127.0.0.1',
      seeders: 0,
      leechers: 0,
      intervalMs: 60_000,
      peers: ['1.2.3.4:5'],
    });
  });

  it('has the packets of BEP 15', async () => {
    const tracker = await udpTracker(good);
    const event = 'completed';
    await announceOverUdp(tracker.origin, { ...request, event, ip: '10.1.2.3' }, soon);
    // A packet may have been sent twice.
    const connect = tracker.packets.find(isConnect);
    const announce = tracker.packets.find((packet) => !isConnect(packet));
    expect(connect?.subarray(0, 12).toString('hex')).toBe('000004172710198000000000');
    expect(announce?.length).toBe(98);
    expect(announce?.subarray(0, 12).toString('hex')).toBe('0123456789abcdef00000001');
    expect(announce?.subarray(16, 36).toString('hex')).toBe(request.infoHash);
    expect(announce?.subarray(36, 56).toString('hex')).toBe(request.peerId);
    const [downloaded, left, uploaded] = [56, 64, 72].map((at) => announce?.readBigUInt64BE(at));
    expect([downloaded, left, uploaded]).toEqual([2n, 3n, 1n]);
    expect(announce?.subarray(80).toString('hex')).toBe(
      `00000001${'0a010203'}89abcdef000000321ae1`,
    );
  });

  it('leaves the address field empty without an address, and with one of IPv6', async () => {
    const tracker = await udpTracker(good);
    await announceOverUdp(tracker.origin, request, soon);
    await announceOverUdp(tracker.origin, { ...request, ip: '2001:db8::1' }, soon);
    const announces = tracker.packets.filter((packet) => !isConnect(packet));
    expect(announces.map((packet) => packet.readUInt32BE(84))).toEqual([0, 0]);
  });

  it('carries an unusual path and query along (BEP 41)', async () => {
    const tracker = await udpTracker(good);
    const said = `/announce?passkey=${'x'.repeat(300)}`;
    await announceOverUdp(`${tracker.origin}${said}`, request, soon);
    const options = tracker.packets[1]?.subarray(98) ?? Buffer.alloc(0);
    expect([...options.subarray(0, 2)]).toEqual([2, 255]);
    expect([...options.subarray(257, 259)]).toEqual([2, said.length - 255]);
    const text = Buffer.concat([options.subarray(2, 257), options.subarray(259)]).toString();
    expect(text).toBe(said);
  });

  it('reads peers of eighteen bytes over IPv6', async () => {
    const peer = Buffer.from(`20010db8${'00'.repeat(11)}010005`, 'hex');
    const tracker = await udpTracker((packet, { port, address }, socket) => {
      const body = isConnect(packet) ? connectionId : announceBody(60, peer);
      socket.send(answer(packet, body), port, address);
    }, '::1');
    const { peers } = await announceOverUdp(tracker.origin, request, soon);
    expect(peers).toEqual(['[2001:db8::1]:5']);
  });

  it('goes where the route of the tracker leads', async () => {
    const tracker = await udpTracker(good);
    const trackerRoutes = new Map([['203.0.113.1:6969', `127.0.0.1:${tracker.port}`]]);
    const url = 'udp://203.0.113.1:6969/announce';
    const { peers } = await announceOverUdp(url, request, { ...soon, trackerRoutes });
    expect(peers).toHaveLength(1);
  });

  it('goes to the first address of a name that is permitted, and says which', async () => {
    const tracker = await udpTracker(good);
    const resolve = async () => ['::1', '127.0.0.2', '127.0.0.1'];
    const url = `udp://tracker.invalid:${tracker.port}/announce`;
    const answered = await announceOverUdp(url, request, { ...soon, resolve, permit });
    expect(answered.from).toBe('127.0.0.1');
  });

  it('goes to the next address of a name where the first is silent, or of a family that is not here', async () => {
    const tracker = await udpTracker(good);
    const silent = await udpTracker(() => {}, '127.0.0.2', tracker.port);
    const url = `udp://tracker.invalid:${tracker.port}/announce`;
    // An address that no machine has a way to.
    const resolve = async () => ['2001:db8::1', '127.0.0.2', '127.0.0.1'];
    const answered = await announceOverUdp(url, request, { ...soon, resolve });
    expect(answered).toMatchObject({ from: '127.0.0.1', peers: ['1.2.3.4:5'] });
    expect(silent.packets.every(isConnect)).toBe(true);
  });

  it('is refused where the first that answers refuses, and asks no other', async () => {
    const tracker = await udpTracker(good);
    const refusing = await udpTracker(
      (packet, { port, address }, socket) =>
        socket.send(answer(packet, Buffer.from('no'), 3), port, address),
      '127.0.0.2',
      tracker.port,
    );
    const resolve = async () => ['127.0.0.2', '127.0.0.1'];
    const url = `udp://tracker.invalid:${tracker.port}/announce?refused`;
    const announced = announceOverUdp(url, request, { ...patient, resolve });
    await expect(announced).rejects.toBeInstanceOf(AnnounceRefused);
    expect([refusing.packets.length, tracker.packets.length]).toEqual([1, 0]);
  });

  it('goes nowhere where none is permitted, but by a route of our own', async () => {
    const tracker = await udpTracker(good);
    const resolve = async () => ['127.0.0.2', '127.0.0.3'];
    const url = `udp://tracker.invalid:${tracker.port}/announce`;
    await expect(announceOverUdp(url, request, { ...soon, resolve, permit })).rejects.toMatchObject(
      { code: 'TRACKER_FORBIDDEN' },
    );
    expect(tracker.packets).toEqual([]);
    const trackerRoutes = new Map([
      [`tracker.invalid:${tracker.port}`, `127.0.0.1:${tracker.port}`],
    ]);
    const options = { ...soon, trackerRoutes, permit };
    expect((await announceOverUdp(url, request, options)).peers).toHaveLength(1);
  });

  it('sends again what was lost', async () => {
    let heard = 0;
    const tracker = await udpTracker((packet, sender, socket) => {
      heard += 1;
      if (heard % 3 === 0) good(packet, sender, socket);
    });
    const thrice = { timeoutMs: 10_000, retransmitAfterMs: [20, 40] };
    await announceOverUdp(tracker.origin, request, thrice);
    expect(tracker.packets.map((packet) => packet.length)).toEqual([16, 16, 16, 98, 98, 98]);
    expect(tracker.packets[2]).toEqual(tracker.packets[0]);
  });

  it('passes over answers of other transactions, torn ones, and those of strangers', async () => {
    const stranger = createSocket('udp4').bind(0, '127.0.0.1');
    await once(stranger, 'listening');
    const forged = announceBody(60, Buffer.from('090909090009', 'hex'));
    const tracker = await udpTracker(
      thatAnswers((packet, sender, socket) => {
        const wrong = answer(packet, forged);
        wrong.writeUInt32BE((wrong.readUInt32BE(4) + 1) >>> 0, 4);
        socket.send(wrong, sender.port, sender.address);
        socket.send(Buffer.alloc(0), sender.port, sender.address);
        socket.send(Buffer.alloc(7, 1), sender.port, sender.address);
        stranger.send(answer(packet, forged), sender.port, sender.address, () =>
          good(packet, sender, socket),
        );
      }),
    );
    const { peers } = await announceOverUdp(tracker.origin, request, soon);
    stranger.close();
    expect(peers).toEqual(['1.2.3.4:5']);
  });

  it('takes a negative interval for none', async () => {
    const tracker = await udpTracker(
      thatAnswers((packet, { port, address }, socket) =>
        socket.send(answer(packet, announceBody(-1, onePeer)), port, address),
      ),
    );
    expect((await announceOverUdp(tracker.origin, request, soon)).intervalMs).toBe(600_000);
  });
});

describe('the socket of an announce', () => {
  it.each<[string, UdpAnswer]>([
    ['a good answer', good],
    [
      'a bad one',
      (packet, { port, address }, socket) => socket.send(answer(packet, packet, 7), port, address),
    ],
    ['none', () => {}],
  ])('is closed after %s', async (_, respond) => {
    const tracker = await udpTracker(respond);
    await announceOverUdp(tracker.origin, request, { timeoutMs: 100 }).catch(() => {});
    expect(tracker.packets).not.toHaveLength(0);
    // The tracker's own is left.
    await vi.waitFor(() => expect(openSockets()).toBe(1));
  });
});

describe('sockets that are kept', () => {
  /** Where sockets are kept, and what `tracker` heard of each of its clients. */
  function keeping() {
    const sockets = new UdpSockets();
    onTestFinished(() => sockets.close());
    return sockets;
  }

  it('are used by the next announce, which need not connect', async () => {
    const ports = new Set<number>();
    const tracker = await udpTracker((packet, sender, socket) => {
      ports.add(sender.port);
      good(packet, sender, socket);
    });
    const options = { ...patient, sockets: keeping() };
    const first = await announceOverUdp(tracker.origin, request, options);
    for (let count = 0; count < 5; count += 1) {
      expect(await announceOverUdp(tracker.origin, request, options)).toEqual(first);
    }
    expect([ports.size, tracker.packets.filter(isConnect).length]).toEqual([1, 1]);
    expect(tracker.packets).toHaveLength(7);
  });

  it('are one for each announce under way', async () => {
    const tracker = await udpTracker(good);
    const options = { ...patient, sockets: keeping() };
    const announces = () =>
      Promise.all(
        Array.from({ length: 5 }, () => announceOverUdp(tracker.origin, request, options)),
      );
    await announces();
    await announces();
    expect(tracker.packets.filter(isConnect)).toHaveLength(5);
  });

  it('are given up where the tracker knows the connection id no more', async () => {
    const ports = new Set<number>();
    const forgets = thatAnswers((packet, sender, socket) => {
      if (ports.size === 1 && ports.has(sender.port)) {
        const refusal = answer(packet, Buffer.from('who are you?'), 3);
        socket.send(refusal, sender.port, sender.address);
      } else good(packet, sender, socket);
      ports.add(sender.port);
    });
    const tracker = await udpTracker(forgets);
    const options = { ...patient, sockets: keeping() };
    for (let count = 0; count < 3; count += 1) {
      const { peers } = await announceOverUdp(tracker.origin, request, options);
      expect(peers).toEqual(['1.2.3.4:5']);
    }
    expect(ports.size).toBe(2);
  });

  it('are given up where the tracker says nothing there any more', async () => {
    const ports = new Set<number>();
    const tracker = await udpTracker(
      thatAnswers((packet, sender, socket) => {
        if (!ports.has(sender.port)) good(packet, sender, socket);
        ports.add(sender.port);
      }),
    );
    const options = { ...soon, sockets: keeping() };
    for (let count = 0; count < 3; count += 1) {
      const { peers } = await announceOverUdp(tracker.origin, request, options);
      expect(peers).toEqual(['1.2.3.4:5']);
    }
    expect(ports.size).toBe(3);
  });

  it('lead nowhere where the tracker may not be asked', async () => {
    const tracker = await udpTracker(good);
    const sockets = keeping();
    await announceOverUdp(tracker.origin, request, { ...soon, sockets });
    const refuses: Permit = {
      check() {
        throw new HelperError('TRACKER_FORBIDDEN', 'not there');
      },
      redirectedBy: () => refuses,
    };
    const { length } = tracker.packets;
    await expect(
      announceOverUdp(tracker.origin, request, { ...soon, sockets, permit: refuses }),
    ).rejects.toMatchObject({ code: 'TRACKER_FORBIDDEN' });
    expect(tracker.packets).toHaveLength(length);
  });

  it('are closed with what keeps them, and no more are kept than a few', async () => {
    const trackers = await Promise.all(Array.from({ length: 70 }, () => udpTracker(good)));
    const sockets = keeping();
    for (const { origin } of trackers) {
      await announceOverUdp(origin, request, { ...soon, sockets });
    }
    expect(sockets.size).toBe(64);
    sockets.close();
    expect(sockets.size).toBe(0);
    // The trackers' own are left.
    await vi.waitFor(() => expect(openSockets()).toBe(70));
  });
});

describe('an announce over UDP fails with TRACKER_UNREACHABLE', () => {
  it('where nobody listens', async () => {
    const url = `udp://127.0.0.1:${await deadPort()}/announce`;
    await expect(announceOverUdp(url, request, soon)).rejects.toMatchObject(
      unreachable(/^tracker udp:\/\/127\.0\.0\.1:\d+ could not be reached: /),
    );
  });

  it('when no answer comes, though it asked four times', async () => {
    const tracker = await udpTracker(() => {});
    await expect(
      announceOverUdp(tracker.origin, request, { timeoutMs: 300, retransmitAfterMs: [5, 10, 20] }),
    ).rejects.toMatchObject(unreachable(/no answer within 0\.3 s/));
    expect(tracker.packets).toHaveLength(4);
  });

  it('when the tracker says no', async () => {
    const tracker = await udpTracker(
      thatAnswers((packet, { port, address }, socket) =>
        socket.send(answer(packet, Buffer.from('not\nhere'), 3), port, address),
      ),
    );
    await expect(announceOverUdp(tracker.origin, request, soon)).rejects.toMatchObject(
      unreachable(/refused the announce: 'not\\x0ahere'$/),
    );
    await expect(announceOverUdp(tracker.origin, request, soon)).rejects.toBeInstanceOf(
      AnnounceRefused,
    );
  });

  it.each([
    ['an action nobody asked for', 2, 20],
    ['half an answer', 1, 11],
    ['an action that does not exist', 0xffffffff, 20],
  ])('when the answer is %s', async (_, action, bodyBytes) => {
    const tracker = await udpTracker(
      thatAnswers((packet, { port, address }, socket) =>
        socket.send(answer(packet, Buffer.alloc(bodyBytes), action), port, address),
      ),
    );
    await expect(announceOverUdp(tracker.origin, request, soon)).rejects.toMatchObject(
      unreachable(/malformed packet/),
    );
  });

  it('when the connect answer is too short', async () => {
    const tracker = await udpTracker((packet, { port, address }, socket) =>
      socket.send(answer(packet, Buffer.alloc(7)), port, address),
    );
    await expect(announceOverUdp(tracker.origin, request, soon)).rejects.toMatchObject(
      unreachable(/malformed packet/),
    );
  });

  it('when the signal aborts', async () => {
    const controller = new AbortController();
    const tracker = await udpTracker(() => controller.abort());
    const { signal } = controller;
    await expect(
      announceOverUdp(tracker.origin, request, { ...soon, signal }),
    ).rejects.toMatchObject(unreachable(/./));
  });

  it.each(['udp://tracker.invalid:6969', 'udp://127.0.0.1', 'udp://127.0.0.1:0', 'udp:', ''])(
    'when the URL is %o',
    async (url) => {
      await expect(announceOverUdp(url, request, soon)).rejects.toMatchObject(unreachable(/./));
    },
  );

  it('whatever the packet holds', () => {
    const packets = fc
      .uint8Array({ minLength: 8, maxLength: 80 })
      .map((bytes) => Buffer.from(bytes));
    const likely = fc
      .tuple(fc.constantFrom(0, 1, 3), packets)
      .map(([action, packet]) => Buffer.concat([Buffer.of(0, 0, 0, action), packet.subarray(4)]));
    fc.assert(
      fc.property(fc.oneof(packets, likely), fc.constantFrom('IPv4', 'IPv6'), (packet, family) => {
        for (const read of [readConnectAnswer, readAnnounceAnswer]) {
          try {
            read('udp://a.example:1', packet, family);
          } catch (thrown) {
            expect(thrown).toMatchObject({ code: 'TRACKER_UNREACHABLE' });
          }
        }
      }),
    );
  });
});
