// Where content is being relocated to, written down in the state directory: after a kill, the hard links that the relocation
// had made of the source by then are known for what they are, and so an unfinished download may be written on.
import { lstat, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { replaceFile } from '../../files/atomic-write.js';
import { makePrivateDirectory } from '../../files/make-directory.js';
import { readBoundedFile } from '../../files/read-bounded-file.js';
import { decodeVersioned, encodeChecked } from '../../files/versioned-json.js';
import type { Metainfo } from '../../metainfo/metainfo.js';
import { readMarker } from './relocation-marker.js';
import { type RelocationTarget, stagedContentPath } from './staging-folder.js';

const version = 1;
/** It holds two paths. */
const mostBytes = 64 * 1024;

/** Writes it down before a step, and forgets it if the step fails and leaves nothing at the target. Rejects as the step. */
export async function withPlan<T>(
  stateDir: string | undefined,
  relocation: RelocationTarget & { readonly from: string },
  step: () => Promise<T>,
): Promise<T> {
  if (stateDir === undefined) return step();
  const { metainfo, from, to } = relocation;
  await writePlan(relocationPlanPath(stateDir, metainfo), {
    infoHash: metainfo.infoHash,
    from,
    to,
  });
  try {
    return await step();
  } catch (error) {
    if (!(await isBeingRelocatedFrom(stateDir, metainfo, from)))
      await forgetPlan(stateDir, relocation);
    throw error;
  }
}

/** The relocation to there has come to its end. Never rejects. */
export async function forgetPlan(
  stateDir: string,
  { metainfo, to }: RelocationTarget,
): Promise<void> {
  const path = relocationPlanPath(stateDir, metainfo);
  const plan = await readPlan(path);
  if (plan?.to === resolve(to)) await rm(path, { force: true }).catch(() => {});
}

/** Whether what lies there is the source of a relocation that has not come to its end. Never rejects. */
export async function isBeingRelocatedFrom(
  stateDir: string,
  metainfo: Metainfo,
  contentPath: string,
): Promise<boolean> {
  const plan = await readPlan(relocationPlanPath(stateDir, metainfo));
  if (plan?.infoHash !== metainfo.infoHash || plan.from !== resolve(contentPath)) return false;
  const target = { metainfo, to: plan.to };
  const committedFrom = await readMarker(target).catch(() => undefined);
  return committedFrom === plan.from || (await isThere(stagedContentPath(target)));
}

interface Plan {
  readonly infoHash: string;
  readonly from: string;
  readonly to: string;
}

/** Without it, a download that is killed now waits for its user. */
async function writePlan(path: string, { infoHash, from, to }: Plan): Promise<void> {
  const bytes = encodeChecked(version, { infoHash, from: resolve(from), to: resolve(to) });
  try {
    await makePrivateDirectory(dirname(path));
    await replaceFile(path, bytes);
  } catch {
    return;
  }
}

async function readPlan(path: string): Promise<Plan | undefined> {
  try {
    const bytes = await readBoundedFile(path, mostBytes);
    const { infoHash, from, to } = bytes ? decodeVersioned(bytes, version) : {};
    if (typeof infoHash !== 'string' || typeof from !== 'string') return undefined;
    return typeof to === 'string' ? { infoHash, from, to } : undefined;
  } catch {
    return undefined;
  }
}

export function relocationPlanPath(stateDir: string, { infoHash }: Metainfo): string {
  return join(stateDir, 'relocations', `${infoHash}.json`);
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
