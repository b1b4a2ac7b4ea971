import { link, mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { recordingFile } from '../../../../src/inspection/recording/recording-file.js';
import { recordingStart } from '../../../../src/inspection/recording/recording-lines.js';
import { asOrdinaryUser } from '../../../support/disks/ordinary-user.js';
import { useScratchFolder } from '../../../support/disks/scratch-folder.js';
import { mayMount, mountSmallDisk } from '../../../support/disks/small-disk.js';

const path = useScratchFolder();

function openAt(name: string) {
  const file = recordingFile(path(name));
  onTestFinished(() => file.close());
  return file;
}

const read = (name: string) => readFile(path(name), 'utf8');

describe('the file of a recording', () => {
  it('can be read by its user alone', async () => {
    await openAt('a').begin();
    expect((await stat(path('a'))).mode & 0o777).toBe(0o600);
  });

  it('takes the place of an empty file, but is none that was there', async () => {
    await writeFile(path('a'), '', { mode: 0o666 });
    const { ino } = await stat(path('a'));
    await link(path('a'), path('theirs'));
    const file = openAt('a');
    await file.begin();
    await file.append('ours');
    expect((await stat(path('theirs'))).ino).toBe(ino);
    expect(await read('theirs')).toBe('');
  });

  it('makes an older one of a recording that is there, in whose place the one before goes', async () => {
    const file = openAt('a');
    for (const each of ['1', '2', '3']) {
      await file.begin();
      await file.append(`${recordingStart}${each}`);
    }
    expect(await read('a')).toBe(`${recordingStart}3`);
    expect(await read('a.1')).toBe(`${recordingStart}2`);
  });

  it('takes one for a recording that a full disk has cut off in its first word', async () => {
    await writeFile(path('a'), recordingStart.slice(0, 5));
    await openAt('a').begin();
    expect(await read('a.1')).toBe(recordingStart.slice(0, 5));
  });

  it.each(['a', 'a.1'])('writes over nothing else that lies at %s', async (name) => {
    await writeFile(path(name), '{"type":"recordings"}');
    await expect(openAt('a').begin()).rejects.toMatchObject({
      code: 'RECORDING_EXISTS',
      message: `${path(name)} is no recording, so it is not written over; name another file`,
    });
    expect(await read(name)).toBe('{"type":"recordings"}');
  });

  it.each(['a', 'a.1'])('follows no link at %s, though it leads to a recording', async (name) => {
    await writeFile(path('theirs'), recordingStart);
    await symlink(path('theirs'), path(name));
    await expect(openAt('a').begin()).rejects.toMatchObject({ code: 'RECORDING_EXISTS' });
    expect(await read('theirs')).toBe(recordingStart);
  });

  it('refuses a folder and a device', async () => {
    await mkdir(path('a'));
    await expect(openAt('a').begin()).rejects.toMatchObject({ code: 'RECORDING_EXISTS' });
    const device = recordingFile('/dev/null');
    await expect(device.begin()).rejects.toMatchObject({ code: 'RECORDING_EXISTS' });
  });

  it('says why it cannot be made', async () => {
    await expect(openAt('nowhere/a').begin()).rejects.toMatchObject({
      code: 'RECORDING_UNWRITABLE',
      message: expect.stringContaining('DISK_GONE'),
    });
    await mkdir(path('closed'), { mode: 0o755 });
    await asOrdinaryUser(async () => {
      await expect(openAt('closed/a').begin()).rejects.toMatchObject({
        code: 'RECORDING_UNWRITABLE',
        message: expect.stringContaining('DISK_DENIED'),
      });
    });
  });

  it('knows when it was moved away, and when something else has its name', async () => {
    const file = openAt('a');
    await file.begin();
    await file.append(recordingStart);
    expect(await file.isThere()).toBe(true);
    await rename(path('a'), path('moved'));
    expect(await file.isThere()).toBe(false);
    await writeFile(path('a'), '');
    await expect(file.isThere()).rejects.toMatchObject({ code: 'RECORDING_EXISTS' });
    await rm(path('a'));
    await file.begin();
    expect(await read('moved')).toBe(recordingStart);
  });

  it.runIf(mayMount)('says that the disk is full', async () => {
    const disk = await mountSmallDisk(64 * 1024);
    const file = recordingFile(`${disk.path}/a`);
    onTestFinished(() => file.close());
    await file.begin();
    await expect(file.append('x'.repeat(128 * 1024))).rejects.toMatchObject({
      code: 'RECORDING_UNWRITABLE',
      message: expect.stringContaining('DISK_FULL'),
    });
  });
});
