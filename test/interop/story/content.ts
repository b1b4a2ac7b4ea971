// Content to publish.
import { join } from 'node:path';
import { writeRandom } from '../../support/disks/content-files.js';
import { MiB } from '../../support/sizes.js';
import type { Story } from './story.js';

/** A file of 5 MiB and a bit, which no piece length divides. */
export async function writeSampleFile(story: Story): Promise<string> {
  return writeRandom(story.path('source', 'sample file.bin'), 5 * MiB + 4321);
}

/** A folder whose files share pieces, one of them below another folder. */
export async function writeSampleFolder(story: Story): Promise<string> {
  const folder = story.path('source', 'sample folder');
  await writeRandom(join(folder, 'first.bin'), MiB + 1);
  await writeRandom(join(folder, 'second', 'größer.bin'), 3 * MiB + 77);
  await writeRandom(join(folder, 'third.txt'), 13);
  return folder;
}
