// Somebody whom permissions keep out, even where the tests run as root.
export const isRoot = process.geteuid?.() === 0;
export const nobody = 65_534;

/** Runs `task` as an ordinary user. */
export async function asOrdinaryUser<T>(task: () => Promise<T>): Promise<T> {
  if (!isRoot || !process.seteuid) return task();
  process.seteuid(nobody);
  try {
    return await task();
  } finally {
    process.seteuid(0);
  }
}
