// Web servers that are down, slow, cut short, or never end, as one helper meets them: no job waits for another, nothing
// grows without bound, and a job can always be let go. What is tried again, and how often: test/unit/sources.
import type { RequestListener, ServerResponse } from 'node:http';
import { platform } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createDeferred } from '../../src/async/deferred.js';
import { writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { peakBytes } from '../support/helper/process-figures.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';
import { infoOf, torrentOf } from '../support/torrents/handmade-torrent.js';
import { serve } from '../support/web/web-server.js';

const torrent = torrentOf(
  infoOf('late', Buffer.alloc(50_000, 'content')),
  'http://127.0.0.1:1/announce',
);

let helper: HelperProcess;

beforeEach(async () => {
  const folder = await scratchFolder();
  await writeRandom(join(folder, 'x.bin'), MiB);
  const args = ['--no-dht', '--tracker-port', `${await freePort()}`, '--state-dir', 'state'];
  helper = start([...args, '--download-dir', 'copy'], { cwd: folder });
});

/** A byte a second: the whole torrent would take longer than any test. */
function drip(response: ServerResponse): void {
  let sent = 0;
  const dripping = setInterval(() => {
    response.write(torrent.subarray(sent, sent + 1));
    sent += 1;
  }, 1000);
  response.write(torrent.subarray(0, 1));
  response.once('close', () => clearInterval(dripping));
}

describe('a web server', () => {
  it('that is down at first is asked again when it is up', async () => {
    const port = await freePort();
    helper.write(`torrent:http://127.0.0.1:${port}/x.torrent`);
    // A job that is through has been at it later than the one before.
    helper.write('file:x.bin');
    await helper.line('2:x.bin:100');
    await serve((_, response) => response.end(torrent), port);
    await helper.line('1:late:0');
  });

  it('that sends a byte a second holds up nobody else, and can be let go', async () => {
    const asked = createDeferred<void>();
    const hungUp = createDeferred<void>();
    const url = await serve((_, response) => {
      drip(response);
      response.once('close', hungUp.resolve);
      asked.resolve();
    });
    const good = await serve((_, response) => response.end(torrent));
    helper.write(`torrent:${url}/x`);
    await asked.promise;
    helper.write(`torrent:${good}/x`, 'file:x.bin');
    await helper.line('2:late:0');
    await helper.line('3:x.bin:100');
    helper.write('remove:1');
    await hungUp.promise;
    await helper.diagnostic(/: job 1 \(.+\): removed$/);
    expect(helper.percents(1)).toEqual([]);
  });

  it('that sends a byte a second does not keep the helper from stopping', async () => {
    const asked = createDeferred<void>();
    const url = await serve((_, response) => {
      drip(response);
      asked.resolve();
    });
    helper.write(`torrent:${url}/x`);
    await asked.promise;
    helper.kill('SIGTERM');
    expect(await helper.exit(6_000)).toBe(4);
  });

  const cuts: readonly [string, RequestListener][] = [
    [
      'promises more than it sends',
      (_, response) => {
        response.writeHead(200, { 'content-length': torrent.length + 1000 });
        response.write(torrent, () => response.destroy());
      },
    ],
    [
      'is cut in the middle',
      (_, response) => void response.write(torrent.subarray(0, 100), () => response.destroy()),
    ],
  ];

  it.each(cuts)('that %s is asked again', async (_, cut) => {
    let requests = 0;
    const url = await serve((request, response) => {
      requests += 1;
      if (requests === 1) cut(request, response);
      else response.end(torrent);
    });
    helper.write(`torrent:${url}/x`);
    await helper.line('1:late:0');
    expect(requests).toBe(2);
  });

  it('that promises less than it sends is taken at its word, and the job fails', async () => {
    const head = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\n';
    const url = await serve(({ socket }) => {
      socket.end(Buffer.concat([Buffer.from(head), torrent]));
    });
    helper.write(`torrent:${url}/x`);
    await helper.line(/^1:.*:-2$/);
    await helper.diagnostic(/: failed: METAINFO_INVALID: /);
    helper.write('file:x.bin');
    await helper.line('2:x.bin:100');
  });

  it('whose answer never ends is left after 32 MiB', async () => {
    let sentBytes = 0;
    const url = await serve((_, response) => {
      const chunk = Buffer.alloc(MiB, 'd');
      const send = () => {
        let isTaken = true;
        while (isTaken && !response.destroyed) {
          sentBytes += chunk.length;
          isTaken = response.write(chunk);
        }
      };
      response.on('drain', send);
      send();
    });
    helper.write(`torrent:${url}/x`);
    await helper.line(/^1:.*:-2$/);
    await helper.diagnostic(/: failed: TOO_LARGE: /);
    // What the sockets between them hold comes on top.
    expect(sentBytes).toBeLessThan(64 * MiB);
    if (platform() === 'linux') expect(await peakBytes(helper)).toBeLessThan(400 * MiB);
  });
});
