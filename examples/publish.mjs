// Publishes a file from within a Node program, then downloads it with a second helper in the same process.
//
//     node publish.mjs /srv/a.iso /tmp/copy
import { createHelper } from 'bittorrent-helper';

const [path = 'package.json', directory = 'copy'] = process.argv.slice(2);

const seeder = await createHelper();
const leecher = await createHelper({ downloadDir: directory });
try {
  const { torrentFile, magnetUri } = await seeder.seed(path).published;
  console.log(`published: ${magnetUri}`);

  const job = leecher.download(torrentFile);
  for await (const { file, state, percent } of job.changes()) {
    console.log(`${file}: ${state}${percent === undefined ? '' : ` ${percent}`}`);
  }
  const { contentPath, lengthBytes } = await job.done;
  console.log(`downloaded: ${contentPath}, ${lengthBytes} bytes`);
} finally {
  await Promise.all([seeder.close(), leecher.close()]);
}
