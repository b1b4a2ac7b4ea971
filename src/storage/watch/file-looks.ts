// Looks at the files that are read, now and then: whether somebody has written to them since they were known to be good. It
// has no timer: what nobody reads costs nothing.
import type { Metainfo, MetainfoFile } from '../../metainfo/metainfo.js';
import { statFile } from '../disk/file-io.js';
import { differsInNames, type FileStamp, isUnchanged, stampOf } from '../disk/file-stamp.js';
import type { FileStamps } from '../storage.js';
import { StampTable } from './stamp-table.js';

/** So old may a look be on which a read relies. */
const everyMs = 1_000;

export interface FileLooksOptions {
  readonly metainfo: Metainfo;
  /** As the files were when they were known to be good. */
  readonly stamps: FileStamps;
  readonly onChanged: (file: MetainfoFile, stamp: FileStamp) => void;
  readonly nowMs?: (() => number) | undefined;
}

export class FileLooks {
  readonly #options: FileLooksOptions;
  readonly #nowMs: () => number;
  readonly #stamps: StampTable;
  readonly #looks = new Map<MetainfoFile, { atMs: number }>();

  constructor(options: FileLooksOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#stamps = new StampTable(options.metainfo, options.stamps);
  }

  /** Whether who reads the file now has to look at it. */
  isDue(file: MetainfoFile): boolean {
    const look = this.#looks.get(file);
    return look === undefined || this.#nowMs() - look.atMs >= everyMs;
  }

  /** Whoever reads it next has to look, whenever that was done last. */
  expire(file: MetainfoFile): void {
    this.#looks.delete(file);
  }

  /** At the file that is open: after the read, so that no byte is newer than the look. */
  async look(file: MetainfoFile, descriptor: number): Promise<void> {
    const saw = this.begin(file);
    saw(stampOf(await statFile(descriptor)));
  }

  /** Somebody is about to look at the file, after a read; what is returned wants to know what was seen. */
  begin(file: MetainfoFile): (stamp: FileStamp) => void {
    const look = this.#looks.get(file) ?? { atMs: Number.NEGATIVE_INFINITY };
    this.#looks.set(file, look);
    const atMs = this.#nowMs();
    return (stamp) => {
      this.saw(file, stamp);
      // One that has expired meanwhile is not in the map any more.
      look.atMs = atMs;
    };
  }

  saw(file: MetainfoFile, now: FileStamp): void {
    const then = this.#stamps.get(file);
    if (isUnchanged(then, now)) return;
    this.#stamps.set(file, now);
    if (!isUntouched(then, now)) this.#options.onChanged(file, now);
  }

  sizeOf(file: MetainfoFile): number {
    return this.#stamps.get(file).sizeBytes;
  }
}

function isUntouched(then: FileStamp, now: FileStamp): boolean {
  if (then.sizeBytes !== now.sizeBytes || then.mtimeNs !== now.mtimeNs) return false;
  // Some network file systems number their files anew from time to time. Another file would have another time of change.
  if (then.ctimeNs === now.ctimeNs) return true;
  // It was given another name, or lost one: backup programs and media managers make hard links of what they keep.
  return differsInNames(then, now);
}
