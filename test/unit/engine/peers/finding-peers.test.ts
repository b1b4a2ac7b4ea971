import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { Client as DhtNode } from 'bittorrent-dht';
import { describe, expect, test } from 'vitest';
import { atTheEnd, download, engine, sample, seed } from '../../../support/engine/engine-setup.js';
import { expectContent } from '../../../support/torrents/sample-on-disk.js';
import { startFakeTracker, startTrackerOf } from '../../../support/trackers/story-trackers.js';

const notAborted = new AbortController().signal;

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atTheEnd(async () => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function dhtNode(): Promise<{ node: DhtNode; address: string }> {
  const node = new DhtNode({ bootstrap: false });
  await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve));
  atTheEnd(() => new Promise<void>((resolve) => node.destroy(resolve)));
  return { node, address: `127.0.0.1:${node.address().port}` };
}

describe('the metadata of a torrent', () => {
  test('is fetched from a peer, with the peer for the download', async () => {
    const content = await sample();
    const [from, to] = [await engine(), await engine()];
    seed(from, content);
    const peers = [`127.0.0.1:${from.peerPort}`];
    const { infoHash } = content.metainfo;
    const request = { infoHash, trackers: [], peers };
    const found = await to.fetchMetadata(request, notAborted, () => {});
    expect(Buffer.from(found.info).equals(content.metainfo.info)).toBe(true);
    expect(found.peers).toEqual(peers);
    const got = await download(to, content, [], { peers: found.peers });
    await got.until('swarm.completed');
  });

  test('may be long', async () => {
    const content = await sample({ lengthBytes: 2 ** 20, pieceLengthBytes: 64 });
    const [from, to] = [await engine(), await engine()];
    seed(from, content);
    const peers = [`127.0.0.1:${from.peerPort}`];
    const { infoHash } = content.metainfo;
    const found = await to.fetchMetadata({ infoHash, trackers: [], peers }, notAborted, () => {});
    expect(Buffer.from(found.info).equals(content.metainfo.info)).toBe(true);
  });

  test('is no longer looked for once the signal aborts', async () => {
    const controller = new AbortController();
    const request = { infoHash: 'a'.repeat(40), trackers: [], peers: [] };
    const search = (await engine()).fetchMetadata(request, controller.signal, () => {});
    controller.abort(new Error('enough'));
    await expect(search).rejects.toThrow('enough');
  });

  test('is no longer looked for once the engine closes', async () => {
    const closing = await engine();
    const request = { infoHash: 'a'.repeat(40), trackers: [], peers: [] };
    const search = closing.fetchMetadata(request, notAborted, () => {});
    const [outcome] = await Promise.allSettled([search, closing.close()]);
    expect(outcome).toMatchObject({ reason: { code: 'CLOSED' } });
  });
});

describe('a tracker that works and knows nobody', () => {
  test('keeps nobody from those whom the next one knows, is told of the end, and a third is left alone', async () => {
    const content = await sample();
    const [from, to] = [await engine(), await engine()];
    await seed(from, content).until('swarm.completed');
    const [first, last] = [await startFakeTracker(), await startFakeTracker()];
    const naming = await startTrackerOf(() => [from.peerPort]);
    const trackers = [[first.announceUrl], [naming], [last.announceUrl]];
    const { infoHash } = content.metainfo;
    const found = await to.fetchMetadata({ infoHash, trackers, peers: [] }, notAborted, () => {});
    expect(found.peers).toEqual([`127.0.0.1:${from.peerPort}`]);
    const got = await download(to, content, [], { trackers });
    await got.until('swarm.completed');
    await got.swarm.leave();
    expect(first.announces.at(-1)?.event).toBe('stopped');
    expect(last.announces).toEqual([]);
  });
});

describe('a peer', () => {
  test('that takes encrypted connections only is reached', async () => {
    const content = await sample();
    const [from, to] = [await engine(), await engine()];
    seed(from, content);
    const firstBytes: number[] = [];
    const door = createServer((incoming) => {
      incoming.on('error', () => {});
      incoming.once('data', (bytes) => {
        const first = bytes.readUInt8(0);
        firstBytes.push(first);
        if (first === 19) return incoming.destroy();
        const inside = connect(from.peerPort, '127.0.0.1');
        inside.on('error', () => incoming.destroy()).on('close', () => incoming.destroy());
        incoming.on('close', () => inside.destroy());
        inside.write(bytes);
        incoming.pipe(inside).pipe(incoming);
      });
    });
    const got = await download(to, content, [await portOf(door)]);
    await got.until('swarm.completed');
    expect(firstBytes).toHaveLength(2);
    expect(firstBytes[0]).toBe(19);
    await expectContent(content, got.contentPath);
  });

  test('that is dialled by two addresses is connected once, and the transfer completes', async () => {
    const content = await sample();
    const [from, to] = [await engine({ listen: '0.0.0.0' }), await engine()];
    seed(from, content);
    const peers = [`127.0.0.1:${from.peerPort}`, `127.0.0.2:${from.peerPort}`];
    await (await download(to, content, [], { peers })).until('swarm.completed');
  });

  test('that dials us while we dial it does no harm', async () => {
    const content = await sample();
    const [from, to] = [await engine(), await engine()];
    const got = await download(to, content, [from]);
    seed(from, content, { peers: [`127.0.0.1:${to.peerPort}`] });
    await got.until('swarm.completed');
  });
});

describe('an engine', () => {
  test('does not dial itself at its own address', async () => {
    const content = await sample();
    const alone = await engine();
    const got = await download(alone, content, [alone]);
    await got.until('swarm.checked');
    await got.swarm.leave();
    expect(got.events.map(({ type }) => type)).toEqual(['swarm.joined', 'swarm.checked']);
  });

  test('finds out that a stranger is itself, and dials it no more', async () => {
    const content = await sample();
    const alone = await engine();
    let dialled = 0;
    const ended: Promise<unknown>[] = [];
    // A way round, such as a router that leads back in.
    const mirror = createServer((incoming) => {
      dialled += 1;
      const inside = connect(alone.peerPort, '127.0.0.1');
      incoming.on('error', () => {}).on('close', () => inside.destroy());
      inside.on('error', () => {}).on('close', () => incoming.destroy());
      ended.push(once(incoming, 'close'));
      incoming.pipe(inside).pipe(incoming);
    });
    const port = await portOf(mirror);
    const connected = once(mirror, 'connection');
    const got = await download(alone, content, [port]);
    await connected;
    await Promise.all(ended);
    await got.swarm.leave();
    const { contentPath } = got;
    const again = await download(alone, content, [port], { contentPath });
    await again.until('swarm.checked');
    await again.swarm.leave();
    expect(dialled).toBe(1);
  });

  test('finds peers of a public torrent by the DHT alone', async () => {
    const content = await sample({ isPrivate: false });
    const { node, address } = await dhtNode();
    const options = { dht: true, dhtBootstrap: [address] };
    const [from, to] = [await engine(options), await engine(options)];
    const announced = once(node, 'announce');
    seed(from, content);
    await announced;
    const got = await download(to, content, []);
    await got.until('swarm.completed');
    await expectContent(content, got.contentPath);
  });

  test('tells the DHT nothing of a private torrent', async () => {
    const [secret, open] = [await sample(), await sample({ isPrivate: false })];
    const { node, address } = await dhtNode();
    const asked: string[] = [];
    node.on('get_peers', (infoHash: Buffer) => asked.push(infoHash.toString('hex')));
    const announced = once(node, 'announce');
    const from = await engine({ dht: true, dhtBootstrap: [address] });
    await seed(from, secret).until('swarm.completed');
    seed(from, open);
    await announced;
    expect(new Set(asked)).toEqual(new Set([open.metainfo.infoHash]));
  });

  test('is a read-only node of the DHT that survives what others send', async () => {
    const content = await sample({ isPrivate: false });
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    atTheEnd(async () => socket.close());
    const asker = await engine({ dht: true, dhtBootstrap: [`127.0.0.1:${socket.address().port}`] });
    const got = await download(asker, content, []);
    const [query, { port }] = await once(socket, 'message');
    expect(query.toString('latin1')).toContain('2:roi1e');
    const transaction = /1:t2:([\s\S]{2})/.exec(query.toString('latin1'))?.[1];
    const answers: string[] = [];
    socket.on('message', (bytes) => {
      if (/1:y1:[re]/.test(bytes.toString('latin1'))) answers.push(bytes.toString('latin1'));
    });
    const hostile = [
      'd1:ad2:idi5ee1:q4:ping1:t2:aa1:y1:qe',
      'd1:ad2:id20:aaaaaaaaaaaaaaaaaaaa6:targeti5ee1:q9:find_node1:t2:aa1:y1:qe',
      'd1:ad2:id20:aaaaaaaaaaaaaaaaaaaa9:info_hashi5ee1:q9:get_peers1:t2:aa1:y1:qe',
      'd1:ad2:id20:aaaaaaaaaaaaaaaaaaaa9:info_hashi5e4:porti1e5:tokeni5ee1:q13:announce_peer1:t2:aa1:y1:qe',
      `d1:ri5e1:t2:${transaction}1:y1:re`,
      'd1:rd2:idi5e6:valuesi5ee1:t2:aa1:y1:re',
      'l',
      '',
    ];
    for (const each of hostile) socket.send(Buffer.from(each, 'latin1'), port, '127.0.0.1');
    const from = await engine();
    seed(from, content);
    await got.swarm.leave();
    const { contentPath } = got;
    await (await download(asker, content, [from], { contentPath })).until('swarm.completed');
    expect(answers).toEqual([]);
  });
});
