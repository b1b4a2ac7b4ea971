// How files are opened, for open(2). A FIFO in a file's place must not make it wait, so nothing is opened without
// O_NONBLOCK. A flag that a platform lacks (Windows lacks most) is undefined, and so counts as 0.
import { constants } from 'node:fs';

const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;
const { O_RDONLY, O_RDWR, O_WRONLY } = constants;

export const openFlags = {
  /** What a user named, wherever its links lead. */
  readThroughLinks: O_RDONLY | O_NONBLOCK,
  /** ELOOP for a link, as below. */
  read: O_RDONLY | O_NONBLOCK | O_NOFOLLOW,
  /** ENOTDIR for whatever else it is. */
  folder: O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_DIRECTORY,
  write: O_RDWR | O_NONBLOCK | O_NOFOLLOW,
  /** EEXIST if anything has the name. */
  create: O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CREAT | O_EXCL,
  /** Made if it is missing. */
  lock: O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CREAT,
  append: O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CREAT | O_APPEND,
} as const;
