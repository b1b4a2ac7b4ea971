import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { deleteContentActor } from '../../../src/actors/delete-content.js';
import type { Dependencies } from '../../../src/actors/dependencies.js';
import { createDeferred } from '../../../src/async/deferred.js';
import { createBitfield } from '../../../src/storage/layout/bitfield.js';
import { encodeResumeData } from '../../../src/storage/resume/resume-data.js';
import { resumePaths } from '../../../src/storage/resume/resume-files.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';
import { stampsOnDisk } from '../../support/disks/stamps-on-disk.js';
import { actorParts, runActor } from '../../support/engine/actor-parts.js';
import { createSample, type Sample } from '../../support/torrents/sample-on-disk.js';

function deleteContent(parts: Dependencies, { metainfo, contentPath }: Sample) {
  const located = { torrent: metainfo, contentPath, peers: [] };
  return runActor(deleteContentActor(parts), { id: 1, located, saved: undefined });
}

const sample = async () => createSample(await scratchFolder(), { files: [70_000, 0, 120_000, 9] });
const fileAt = ({ metainfo, contentPath }: Sample, index: number) =>
  join(contentPath, ...(metainfo.files[index]?.path ?? expect.fail()));

describe('deleting the content of a job', () => {
  it('deletes what holds something of its torrent, once the swarm has let go of it', async () => {
    const left = createDeferred<void>();
    const content = await sample();
    const parts = actorParts();
    const engine = { ...parts.engine, left: vi.fn(() => left.promise) };
    const deleting = deleteContent({ ...parts, engine }, content);
    expect(engine.left).toHaveBeenCalledWith(content.metainfo.infoHash);
    await access(content.contentPath);
    left.resolve();
    expect(await deleting).toBeUndefined();
    expect(await readdir(dirname(content.contentPath))).toEqual([]);
  });

  it('leaves its user’s own files, and says so of the first', async () => {
    const content = await sample();
    await writeFile(fileAt(content, 2), 'my own');
    const left = await deleteContent(actorParts(), content);
    expect(left).toMatchObject({ code: 'DESTINATION_EXISTS' });
    expect(left?.message).toContain(
      `${fileAt(content, 2)}, and 1 more beside it, were not deleted`,
    );
    // The last one lay in a piece that was no longer whole.
    expect(await readdir(dirname(fileAt(content, 0)))).toEqual(['file-2', 'file-3']);
  });

  it('deletes what is on record as its own though nothing in it is good, and then the record', async () => {
    const stateDir = await scratchFolder();
    const content = await sample();
    const { metainfo, contentPath } = content;
    await writeFile(fileAt(content, 2), 'half a piece');
    const stamps = await stampsOnDisk(metainfo, contentPath);
    const { record } = resumePaths(stateDir, metainfo.infoHash, contentPath);
    await mkdir(dirname(record));
    const pieces = createBitfield(metainfo.pieceCount);
    await writeFile(record, await encodeResumeData(content, { pieces, stamps }, new Date()));
    expect(await deleteContent(actorParts(stateDir), content)).toBeUndefined();
    expect(await readdir(dirname(contentPath))).toEqual([]);
    expect(await readdir(dirname(record))).toEqual([]);
  });
});
