// Whether anything lies at a path, be it a link that leads nowhere. Where that cannot be seen, it is as if nothing did: whoever
// goes on from there hears what is wrong.
import { lstat } from 'node:fs/promises';

export async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
