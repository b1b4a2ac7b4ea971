import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  forgetPlan,
  isBeingRelocatedFrom,
  withPlan,
} from '../../../../src/storage/layout/relocation-plan.js';
import { commitContent } from '../../../../src/storage/relocate/commit.js';
import { planRelocation } from '../../../../src/storage/relocate/relocation.js';
import { removeSource } from '../../../../src/storage/relocate/remove-source.js';
import { removeStagingFolder, stageContent } from '../../../../src/storage/relocate/stage.js';
import { noSignal } from '../../../support/disks/relocated-content.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';
import { createSample } from '../../../support/torrents/sample-on-disk.js';

async function begin() {
  const stateDir = await scratchFolder();
  const { metainfo, contentPath } = await createSample(await scratchFolder(), { files: [10, 20] });
  const relocation = planRelocation(await scratchFolder(), metainfo, contentPath);
  return {
    stateDir,
    relocation,
    stage: () => withPlan(stateDir, relocation, () => stageContent(relocation, 'whole', noSignal)),
    commit: () => withPlan(stateDir, relocation, () => commitContent(relocation, true, noSignal)),
    isKnown: (contentPath = relocation.from) =>
      isBeingRelocatedFrom(stateDir, metainfo, contentPath),
    plans: () => readdir(join(stateDir, 'relocations')),
  };
}

describe('the source of a relocation', () => {
  it('is known for as long as there may be links of it, whenever a kill comes', async () => {
    const { stateDir, relocation, stage, commit, isKnown, plans } = await begin();
    expect(await isKnown()).toBe(false);
    await stage();
    expect(await isKnown()).toBe(true);
    expect(await isKnown(`${relocation.from}-2`)).toBe(false);
    await commit();
    expect(await isKnown()).toBe(true);
    await removeSource(relocation.metainfo, relocation.to);
    await forgetPlan(stateDir, relocation);
    expect(await isKnown()).toBe(false);
    expect(await plans()).toEqual([]);
  });

  it('is known no more when what was staged is gone', async () => {
    const { relocation, stage, isKnown } = await begin();
    await stage();
    await removeStagingFolder(relocation);
    expect(await isKnown()).toBe(false);
  });

  it('is forgotten when the relocation fails', async () => {
    const { relocation, stage, isKnown, plans } = await begin();
    await writeFile(relocation.to, 'mine');
    await expect(stage()).rejects.toMatchObject({ code: 'DESTINATION_EXISTS' });
    expect(await isKnown()).toBe(false);
    expect(await plans()).toEqual([]);
  });

  it('is not forgotten for the end of another relocation', async () => {
    const { stateDir, relocation, stage, isKnown } = await begin();
    await stage();
    await forgetPlan(stateDir, { ...relocation, to: `${relocation.to}-2` });
    expect(await isKnown()).toBe(true);
  });

  it('is none where the plan cannot be written', async () => {
    const { stateDir, relocation, stage, isKnown } = await begin();
    const folder = join(stateDir, 'relocations');
    await writeFile(folder, 'a file');
    await stage();
    expect(await isKnown()).toBe(false);
    expect(await readdir(dirname(relocation.to))).toHaveLength(1);
  });

  it('is none to one who keeps no state, and the step runs all the same', async () => {
    const { relocation } = await begin();
    expect(await withPlan(undefined, relocation, async () => 'done')).toBe('done');
  });

  it('is none by a plan that somebody has changed', async () => {
    const { stateDir, relocation, stage, isKnown, plans } = await begin();
    await stage();
    const [name = expect.fail()] = await plans();
    const { infoHash } = relocation.metainfo;
    const fields = {
      version: 1,
      infoHash,
      from: relocation.from,
      to: relocation.to,
      checksum: 'x',
    };
    await writeFile(join(stateDir, 'relocations', name), JSON.stringify(fields));
    expect(await isKnown()).toBe(false);
  });
});
