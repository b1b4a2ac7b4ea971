// Reads and decodes the body of an HTTP answer, within a bound on what comes out: a few bytes may unfold to gigabytes.
import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { HelperError } from '../errors.js';
import { maxTorrentBytes } from '../sources/torrent-limits.js';

/** What `readBody` can decode. */
export const acceptEncoding = 'gzip, deflate, br';

/**
 * The decoded body. One whose content coding is unknown is taken as it stands: some servers write nonsense there.
 * The body is destroyed in the end.
 *
 * @param announcedBytes its length before decoding as the server announces it; 0 if it does not
 * @throws HelperError TOO_LARGE; whatever the body or the decoder fails with
 */
export async function readBody(
  body: Readable,
  contentEncoding: string | undefined,
  announcedBytes: number,
): Promise<Uint8Array> {
  const decoder = createDecoder(contentEncoding?.trim().toLowerCase());
  body.on('error', (error) => decoder?.destroy(error));
  decoder?.on('error', () => {}); // heard by `collect`, unless it has stopped listening
  try {
    if (announcedBytes > maxTorrentBytes) throw tooLarge();
    return await collect(decoder === undefined ? body : body.pipe(decoder));
  } finally {
    body.destroy();
  }
}

function createDecoder(coding: string | undefined): Transform | undefined {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      return undefined;
  }
}

async function collect(body: AsyncIterable<Buffer>): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let lengthBytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    lengthBytes += chunk.length;
    if (lengthBytes > maxTorrentBytes) throw tooLarge();
  }
  return Buffer.concat(chunks);
}

function tooLarge(): HelperError {
  return new HelperError(
    'TOO_LARGE',
    'the answer is larger than 32 MiB, so it is no .torrent file',
  );
}
