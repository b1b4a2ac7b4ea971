// Makes the names in a folder survive a power cut.
import { open } from 'node:fs/promises';

/** Where the system can do so: Windows and some networks cannot, and that is no reason not to go on. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close().catch(() => {});
}
