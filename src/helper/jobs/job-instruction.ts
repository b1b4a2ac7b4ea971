// What the library's caller asks for, as the instruction it is. Throws for what can be none.
import { resolve } from 'node:path';
import type { JobInstruction } from '../../../machines/types.js';
import { MetainfoBytes, type WaitingBytes } from '../../metainfo/metainfo-bytes.js';
import { checkGiven, checkJobOptions, checkMetainfo } from '../../options/check-arguments.js';

type Download = Extract<JobInstruction, { kind: 'download' }>;

/** A source, or metainfo that the caller has: the bytes of a `.torrent` file. */
export type DownloadSource = string | { readonly metainfo: Uint8Array };

export function seedInstruction(
  path: string,
  options: { readonly key?: string | undefined },
): JobInstruction {
  checkGiven('seed', path);
  checkJobOptions('seed', options);
  const { key } = options;
  return { kind: 'seed', given: path, ...(key !== undefined && { key }) };
}

export function downloadInstruction(
  source: DownloadSource,
  options: Pick<Download, 'key' | 'dir' | 'paused'>,
): JobInstruction {
  checkJobOptions('download', options);
  const { key, dir, paused } = options;
  const choices = {
    ...(key !== undefined && { key }),
    ...(dir !== undefined && { dir: resolve(dir) }),
    ...(paused && { paused }),
  };
  if (typeof source === 'string') {
    checkGiven('download', source);
    return { kind: 'download', given: source, ...choices };
  }
  checkMetainfo(source);
  const metainfo = MetainfoBytes.of(source.metainfo);
  return { kind: 'download', given: `metainfo:${metainfo.digest}`, metainfo, ...choices };
}

/** What was handed over waits for its turn from now on. Throws WAITING_FOR_MEMORY. */
export function waitForTurn(instruction: JobInstruction, waiting: WaitingBytes): void {
  if (instruction.kind !== 'download') return;
  if (instruction.metainfo instanceof MetainfoBytes) instruction.metainfo.wait(waiting);
}

/** Nobody needs what was handed over any more. */
export function releaseMetainfo(instruction: JobInstruction | undefined): void {
  if (instruction?.kind !== 'download') return;
  if (instruction.metainfo instanceof MetainfoBytes) instruction.metainfo.release();
}
