import { appendFile, rename, rm, truncate } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ContentFile } from '../../../../../src/metainfo/create/content/content-file.js';
import { scanContent } from '../../../../../src/metainfo/create/content/scan-content.js';
import { writeFiles } from '../../../../support/disks/content-files.js';
import { useScratchFolder } from '../../../../support/disks/scratch-folder.js';

const at = useScratchFolder();

async function openFile() {
  await writeFiles(at(), { data: 'first half, second half' });
  const { files } = await scanContent(at('data'), new AbortController().signal);
  const openFiles = new Set<ContentFile>();
  const [scanned] = files;
  if (!scanned) throw new Error('nothing scanned');
  return { file: new ContentFile(scanned, openFiles), openFiles };
}

describe('a file of the content', () => {
  it('is read in parts and closed after the last', async () => {
    const { file, openFiles } = await openFile();
    const bytes = Buffer.alloc(23);
    await file.read(bytes.subarray(0, 12), 0);
    expect(openFiles).toEqual(new Set([file]));
    await file.read(bytes.subarray(12), 12);
    expect(bytes.toString()).toBe('first half, second half');
    expect(openFiles).toEqual(new Set());
  });

  it('is found out when it changes between the first part and the last', async () => {
    for (const change of [() => appendFile(at('data'), '!'), () => truncate(at('data'), 15)]) {
      const { file } = await openFile();
      await file.read(Buffer.alloc(12), 0);
      await change();
      await expect(file.read(Buffer.alloc(11), 12)).rejects.toMatchObject({
        code: 'CONTENT_CHANGED',
      });
      await file.close();
    }
  });

  it('is read to its end when its name is taken away meanwhile', async () => {
    const { file } = await openFile();
    const bytes = Buffer.alloc(23);
    await file.read(bytes.subarray(0, 12), 0);
    await rename(at('data'), at('moved'));
    await file.read(bytes.subarray(12), 12);
    expect(bytes.toString()).toBe('first half, second half');
  });

  it('may be closed without having been opened, twice, or after opening failed', async () => {
    const { file } = await openFile();
    await file.close();
    await rm(at('data'));
    await expect(file.read(Buffer.alloc(1), 0)).rejects.toMatchObject({ code: 'CONTENT_CHANGED' });
    await file.close();
    await file.close();
  });
});
