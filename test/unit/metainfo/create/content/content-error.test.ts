import { describe, expect, it } from 'vitest';
import { contentError } from '../../../../../src/metainfo/create/content/content-error.js';

describe('what the system says of a file of the content', () => {
  it.each([
    ['EMFILE', 'FILES_EXHAUSTED'],
    ['ENFILE', 'FILES_EXHAUSTED'],
    ['ENOENT', 'CONTENT_NOT_FOUND'],
    ['ELOOP', 'CONTENT_UNSUPPORTED'],
    ['EIO', 'CONTENT_UNREADABLE'],
  ])('%s becomes %s, and names the file', (code, expected) => {
    const thrown = Object.assign(new Error('no'), { code });
    expect(contentError('/srv/a', thrown)).toMatchObject({
      code: expected,
      message: expect.stringContaining('/srv/a'),
    });
  });
});
