// What a user of the installed package may write: publishes a file, serves its .torrent, and downloads it again.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import { createHelper, errorCodes, HelperError, readProgressLine } from 'bittorrent-helper';
import { openInspector } from 'bittorrent-helper/inspector';
import { supervisorMachine, torrentMachine } from 'bittorrent-helper/machines';

assert.equal(torrentMachine.id, 'torrent');
assert.equal(supervisorMachine.id, 'supervisor');
assert.equal(readProgressLine('7:a:b:100')?.id, 7);
assert('DUPLICATE' in errorCodes);

await assert.rejects(createHelper({ port: -1 }), (error) => {
  return error instanceof HelperError && error.code === 'OPTION_INVALID';
});

await writeFile('content', 'x'.repeat(100_000));
const inspector = await openInspector();
const seeder = await createHelper({ inspect: inspector.inspect });
inspector.watch(seeder);
const [page] = await once(get(inspector.url), 'response');
assert.equal(page.statusCode, 200);
page.resume();
const leecher = await createHelper({ downloadDir: 'copies' });
const { torrentFile } = await seeder.seed('content').published;
const torrent = await readFile(torrentFile);
const site = createServer((_, response) => response.end(torrent)).listen(0, '127.0.0.1');
await once(site, 'listening');
try {
  const job = leecher.download(`http://127.0.0.1:${site.address().port}/content.torrent`);
  for await (const { type, percent } of job.changes()) {
    assert(type === 'state' || (percent >= -1 && percent <= 100));
  }
  const { contentPath, files } = await job.done;
  assert.deepEqual(files, [{ path: contentPath, lengthBytes: 100_000 }]);
  assert.equal(await readFile('copies/content', 'utf8'), 'x'.repeat(100_000));
  assert.equal(globalThis[Symbol.for('undici.globalDispatcher.1')], undefined, "Node's own fetch");
  process.stdout.write('published and downloaded\n');
} finally {
  site.close();
  await Promise.all([seeder.close(), leecher.close()]);
  await inspector.close();
}
