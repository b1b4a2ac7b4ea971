import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { readBoundedFile, readStampedFile } from '../../../src/files/read-bounded-file.js';
import { useScratchFolder } from '../../support/disks/scratch-folder.js';

const at = useScratchFolder();
const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();

describe('a bounded read', () => {
  it('gives all of a file, however long, and when it was written', async () => {
    for (const lengthBytes of [0, 1, 5 * 2 ** 20]) {
      const bytes = Buffer.alloc(lengthBytes, 'abc');
      await writeFile(at('a'), bytes);
      const { mtimeNs } = await stat(at('a'), { bigint: true });
      const read = await readStampedFile(at('a'), 2 ** 23);
      expect(read?.mtimeNs).toBe(mtimeNs);
      expect(bytes.equals(read?.bytes ?? Buffer.from('none'))).toBe(true);
    }
  });

  it('of what is not there is undefined', async () => {
    expect(await readBoundedFile(at('none'), 10)).toBeUndefined();
  });

  it('takes a file of the limit, and none that is larger', async () => {
    await writeFile(at('a'), '0123456789');
    expect(text(await readBoundedFile(at('a'), 10))).toBe('0123456789');
    await expect(readBoundedFile(at('a'), 9)).rejects.toMatchObject({ code: 'EFBIG' });
    await truncate(at('a'), 2 ** 40);
    await expect(readBoundedFile(at('a'), 10)).rejects.toMatchObject({ code: 'EFBIG' });
  });

  it.runIf(process.platform === 'linux')(
    'takes no more than the limit of a file that has more than its size says',
    async () => {
      expect((await stat('/proc/self/smaps')).size).toBe(0);
      const whole = await readBoundedFile('/proc/self/smaps', 2 ** 26);
      expect(whole?.length).toBeGreaterThan(4096);
      await expect(readBoundedFile('/proc/self/smaps', 4096)).rejects.toMatchObject({
        code: 'EFBIG',
      });
    },
  );

  it('gives a file that grows meanwhile as it was, or as it is', async () => {
    await writeFile(at('a'), '1');
    const [read] = await Promise.all([readBoundedFile(at('a'), 10), appendFile(at('a'), '2')]);
    expect(['1', '12']).toContain(text(read));
  });

  it.each(['refused', 'followed'] as const)(
    'takes regular files only, and waits for no FIFO, with links %s',
    async (links) => {
      await mkdir(at('folder'));
      execFileSync('mkfifo', [at('fifo')]);
      const server = createServer().listen(at('socket'));
      await once(server, 'listening');
      for (const path of [at('folder'), at('fifo'), '/dev/zero']) {
        await expect(readBoundedFile(path, 10, { links })).rejects.toMatchObject({
          code: 'EINVAL',
        });
      }
      await expect(readBoundedFile(at('socket'), 10, { links })).rejects.toMatchObject({
        code: links === 'refused' ? 'ENXIO' : 'EINVAL',
      });
      server.close();
    },
  );

  it('follows a link where it is asked to, and else does not', async () => {
    await writeFile(at('a'), 'x');
    await symlink('a', at('link'));
    await expect(readBoundedFile(at('link'), 10)).rejects.toMatchObject({ code: 'ELOOP' });
    expect(text(await readBoundedFile(at('link'), 10, { links: 'followed' }))).toBe('x');
    await rm(at('a'));
    expect(await readBoundedFile(at('link'), 10, { links: 'followed' })).toBeUndefined();
  });

  it('rejects with the reason of its signal', async () => {
    await writeFile(at('a'), 'x');
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(readBoundedFile(at('a'), 10, { signal })).rejects.toThrow('stopped');
  });
});
