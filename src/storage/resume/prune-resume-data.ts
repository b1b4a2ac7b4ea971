// Forgets resume information that nobody touched for a year, a bounded part of it at a time.
import { opendir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { resumeFolder } from './resume-paths.js';

const dayMs = 24 * 60 * 60 * 1_000;
const forgottenAfterMs = 365 * dayMs;
/** Of a write that was cut off in the middle. */
const temporaryAfterMs = dayMs;
const mostLookedAt = 10_000;

/** What is nobody's business here, such as files of other names, stays. Never rejects. */
export async function pruneResumeData(stateDir: string, nowMs: number = Date.now()): Promise<void> {
  const folder = resumeFolder(stateDir);
  let lookedAt = 0;
  try {
    for await (const entry of await opendir(folder)) {
      if (++lookedAt > mostLookedAt) break;
      const afterMs = lifetimeMs(entry.name);
      if (afterMs === undefined || !entry.isFile()) continue;
      const path = join(folder, entry.name);
      const { mtimeMs } = await stat(path);
      if (nowMs - mtimeMs > afterMs) await rm(path, { force: true });
    }
  } catch {
    // Without the folder there is nothing to prune, and in one that cannot be written nothing that can be.
  }
}

function lifetimeMs(name: string): number | undefined {
  if (name.endsWith('.tmp')) return temporaryAfterMs;
  return /^[0-9a-f]{40}-[0-9a-f]{16}\.(json|journal)$/.test(name) ? forgottenAfterMs : undefined;
}
