// Torrents for the tests of the disk: given files and a piece length, with content that is the same every time.
import { type SampleFile, type SampleTorrent, sampleTorrent } from './sample-torrent.js';

/** Its bytes are never zero, but for padding. */
export function scratchTorrent(
  pieceLengthBytes: number,
  files: readonly SampleFile[],
  links?: Readonly<Record<string, string>>,
): SampleTorrent {
  const content = new Uint8Array(files.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0));
  let offsetBytes = 0;
  for (const { lengthBytes, isPadding } of files) {
    for (let at = offsetBytes; at < offsetBytes + lengthBytes && !isPadding; at++) {
      content[at] = 1 + ((at * 31 + (at >> 8) * 7 + (at >> 16) * 5) % 255);
    }
    offsetBytes += lengthBytes;
  }
  return sampleTorrent(
    { name: 'scratch', pieceLengthBytes, files, ...(links && { links }) },
    content,
  );
}
