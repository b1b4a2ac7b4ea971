import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readPageFiles } from '../../../../src/inspection/server/page-files.js';
import { useScratchFolder } from '../../../support/disks/scratch-folder.js';
import { dist } from '../../../support/helper/helper-process.js';

const at = useScratchFolder();
const url = (...names: readonly string[]) => pathToFileURL(at(...names));
/** A program that was bundled to out/program.js. */
const read = () => readPageFiles({ program: url('out/program.js').href, built: url('inspector/') });
const lay = (folder: string) => cp(join(dist, 'inspector'), at(folder), { recursive: true });

describe('the files of the page', () => {
  it('are those of the build, then those beside the program, then those of the package above it', async () => {
    const refusal = {
      code: 'INSPECTOR_NOT_FOUND',
      message: `the files of the inspector's page are not in ${at('inspector')}/, nor in ${at('out/inspector')}/: copy dist/inspector of the package beside the program (docs/embedding.md)`,
    };
    await expect(read()).rejects.toMatchObject(refusal);
    // Somebody else's, of that name.
    await mkdir(at('inspector'));
    await writeFile(at('inspector/index.html'), 'another page');
    await expect(read()).rejects.toMatchObject(refusal);

    const page = 'node_modules/bittorrent-helper';
    for (const folder of [`${page}/dist/inspector`, 'out/inspector', 'inspector']) {
      await lay(folder);
      await writeFile(at(folder, 'where.json'), JSON.stringify(folder));
      await writeFile(at(page, 'package.json'), '{}');
      const files = await read();
      expect(`${files.get('where.json')?.bytes}`).toBe(JSON.stringify(folder));
    }
  });
});
