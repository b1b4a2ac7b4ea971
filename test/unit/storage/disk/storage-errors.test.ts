import { describe, expect, it } from 'vitest';
import { HelperError } from '../../../../src/errors.js';
import {
  destinationExists,
  fileTooShort,
  readFailed,
  writeFailed,
} from '../../../../src/storage/disk/storage-errors.js';

const systemError = (code: string) => Object.assign(new Error(`${code}: bad luck`), { code });

describe('what the system says of a disk', () => {
  it.each([
    ['ENOSPC', 'DISK_FULL', 'make room'],
    ['EDQUOT', 'DISK_FULL', 'quota'],
    ['EROFS', 'DISK_READ_ONLY', 'mount it for writing'],
    ['EACCES', 'DISK_DENIED', 'permissions'],
    ['EPERM', 'DISK_DENIED', 'permissions'],
    ['ENOENT', 'DISK_GONE', 'put it back'],
    ['ENOTDIR', 'DISK_GONE', 'put it back'],
    ['ENODEV', 'DISK_GONE', 'put it back'],
    ['ENXIO', 'DISK_GONE', 'put it back'],
    ['ESTALE', 'DISK_GONE', 'put it back'],
    ['EMFILE', 'FILES_EXHAUSTED', 'ulimit'],
    ['ENFILE', 'FILES_EXHAUSTED', 'ulimit'],
    ['EIO', 'DISK_FAILED', 'EIO'],
    ['EWHATEVER', 'DISK_FAILED', 'EWHATEVER'],
  ])('%s is %s, with the file and what to do', (said, code, remedy) => {
    for (const error of [
      readFailed('/srv/a', systemError(said)),
      writeFailed('/srv/a', systemError(said)),
    ]) {
      expect(error.code).toBe(code);
      for (const words of ['/srv/a', remedy, 'it goes on by itself']) {
        expect(error.message).toContain(words);
      }
      expect(error.isTransient).toBe(true);
    }
  });

  it('leaves an error alone that has its code already', () => {
    const error = destinationExists('/srv/a', 'is a folder');
    expect(writeFailed('/srv/b', error)).toBe(error);
  });
});

describe('a transient failure', () => {
  it('is what may pass by itself, and nothing else', () => {
    expect(fileTooShort('/srv/a', 5).isTransient).toBe(true);
    expect(destinationExists('/srv/a', 'is a folder').isTransient).toBe(false);
    expect(new HelperError('INTERNAL', 'bug').isTransient).toBe(false);
  });
});
