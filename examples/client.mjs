// Publishes a file by a helper in a process of its own, and downloads it by another, with progress. Should one of them die,
// another takes its place.
//
//     node client.mjs /srv/a.iso /tmp/copy
import { startHelper } from 'bittorrent-helper/client';

const [path = 'package.json', directory = 'copy'] = process.argv.slice(2);

const seeder = await startHelper();
const leecher = await startHelper({ downloadDir: directory });
try {
  const { torrentFile, magnetUri } = await seeder.seed(path).published;
  console.log(`published: ${magnetUri}`);

  const job = leecher.download(torrentFile);
  for await (const { percent } of job.changes({ everyMs: 250 })) {
    const { downBytesPerSecond, peers, etaSeconds } = job.stats;
    const rate = `${(downBytesPerSecond / 2 ** 20).toFixed(1)} MiB/s`;
    console.log(`${percent ?? '?'} %, ${rate}, ${peers} peers, ${etaSeconds ?? '?'} s to go`);
  }
  const { contentPath, lengthBytes } = await job.done;
  console.log(`downloaded: ${contentPath}, ${lengthBytes} bytes`);
} finally {
  await Promise.all([seeder.close(), leecher.close()]);
}
