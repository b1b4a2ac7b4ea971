// The helper on several machines: over a wire between two, behind a port forwarding, and in a machine of its own.
import { basename, join } from 'node:path';
import { describe, expect } from 'vitest';
import { differences } from '../support/disks/content-files.js';
import { namespaces, useNetwork } from '../support/network/namespaces.js';
import { freePort } from '../support/processes/free-port.js';
import { writeSampleFile, writeSampleFolder } from './story/content.js';
import { startHelper } from './story/helper.js';
import { storyWith } from './story/story.js';

/** `inside` reaches `outside` through `door` alone, and cannot be reached from there. */
const network = useNetwork([
  { ends: ['a', 'b'], addresses: ['10.77.0.1', '10.77.0.2'] },
  { ends: ['inside', 'door'], addresses: ['10.77.3.2', '10.77.3.1'] },
  { ends: ['door', 'outside'], addresses: ['10.77.4.1', '10.77.4.2'] },
]);

describe.concurrent('two machines', () => {
  const test = storyWith(namespaces);

  test('pass a file from one helper to the other by its .torrent file', async ({ story }) => {
    const source = await writeSampleFile(story);
    const [a, b] = [network.machine('a'), network.machine('b')];
    const seeder = await startHelper(story, { name: 'seeder', machine: a });
    seeder.tell(`file:${source}`);
    const { torrentFile } = await seeder.published(1);
    const helper = await startHelper(story, { machine: b });
    helper.tell(`torrent:${torrentFile}`);
    await helper.done(1);
    expect(await differences(source, story.path('helper', basename(source)))).toEqual([]);
  });

  test('pass a folder by the magnet link that was published', async ({ story }) => {
    const source = await writeSampleFolder(story);
    const [a, b] = [network.machine('a'), network.machine('b')];
    const seeder = await startHelper(story, { name: 'seeder', machine: a });
    seeder.tell(`file:${source}`);
    const { magnet } = await seeder.published(1);
    const helper = await startHelper(story, { machine: b });
    helper.tell(magnet);
    await helper.done(1);
    expect(await differences(source, story.path('helper', basename(source)))).toEqual([]);
  });

  test('pass it while one of them listens everywhere', async ({ story }) => {
    const source = await writeSampleFile(story);
    const [a, b] = [network.machine('a'), network.machine('b')];
    const seeder = await startHelper(story, {
      name: 'seeder',
      machine: a,
      options: ['--listen', '0.0.0.0'],
    });
    seeder.tell(`file:${source}`);
    const { torrentFile } = await seeder.published(1);
    const helper = await startHelper(story, { machine: b });
    helper.tell(`torrent:${torrentFile}`);
    await helper.done(1);
    expect(await differences(source, story.path('helper', basename(source)))).toEqual([]);
  });
});

describe.concurrent('behind a port forwarding', () => {
  const test = storyWith(namespaces);

  test('a helper publishes under the outer address, and is reached there', async ({ story }) => {
    const source = await writeSampleFile(story);
    const [inside, door, outside] = [
      network.machine('inside'),
      network.machine('door'),
      network.machine('outside'),
    ];
    const [peerPort, trackerPort] = [String(await freePort()), String(await freePort())];
    const forwarding = story.start('forwarding', [
      ...door.prefix,
      ...[process.execPath, join(import.meta.dirname, 'forward-ports.mjs')],
      ...[door.address, inside.address, peerPort, trackerPort],
    ]);
    await story.until('ports are forwarded', () => forwarding.lines[0]);
    const seeder = await startHelper(story, {
      name: 'seeder',
      machine: { ...inside, address: door.address },
      options: ['--listen', '0.0.0.0', '--port', peerPort, '--tracker-port', trackerPort],
    });
    seeder.tell(`file:${source}`);
    const { torrentFile } = await seeder.published(1);
    expect(seeder.announceUrl).toBe(`http://${door.address}:${trackerPort}/announce`);
    const helper = await startHelper(story, { machine: outside });
    helper.tell(`torrent:${torrentFile}`);
    await helper.done(1);
    expect(await differences(source, story.path('helper', basename(source)))).toEqual([]);
  });
});
