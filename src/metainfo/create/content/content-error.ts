// Turns what went wrong with a file of the content into an error that names the file and says what to do.
import { HelperError, systemCode } from '../../../errors.js';
import { filesExhausted, isFilesExhausted } from '../../../files/disk-error-code.js';

/** For what the operating system says when content is scanned or read. HelperErrors pass through as they are. */
export function contentError(path: string, thrown: unknown): unknown {
  if (thrown instanceof HelperError) return thrown;
  if (isFilesExhausted(thrown)) return filesExhausted(path, 'read', thrown);
  const code = systemCode(thrown);
  switch (code) {
    case undefined:
      return thrown;
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ERR_INVALID_ARG_VALUE': // a NUL, which is in no path
      return new HelperError(
        'CONTENT_NOT_FOUND',
        `there is nothing at ${path} to publish; look after the path`,
        { cause: thrown },
      );
    case 'ELOOP':
      return contentUnsupported(path, 'is a symbolic link that leads round in a circle');
    case 'ENAMETOOLONG':
      return contentUnsupported(path, 'has a name or a path longer than this system can open');
    default:
      return new HelperError(
        'CONTENT_UNREADABLE',
        `${path} cannot be read (${code}); look after its permissions and its disk`,
        { cause: thrown },
      );
  }
}

/** `what` follows the path: `is a FIFO`. */
export function contentUnsupported(
  path: string,
  what: string,
  advice = 'take it out of the content',
): HelperError {
  return new HelperError(
    'CONTENT_UNSUPPORTED',
    `${path} ${what}, and cannot be published; ${advice}`,
  );
}

export function contentChanged(path: string): HelperError {
  return new HelperError(
    'CONTENT_CHANGED',
    `${path} changed while it was read; publish it again when nobody writes to it any more`,
  );
}
