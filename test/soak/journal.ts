// What happened, in order, in one file; how often each thing was done and each fault met; and every promise that was broken,
// which is said at once.
import { createWriteStream } from 'node:fs';

export interface Journal {
  /** A line of the file. */
  note(what: string): void;
  /** One more of something that was done; it is noted, too. */
  count(what: string, detail?: string): void;
  /** Something lasted so long; the longest is told. */
  lasted(what: string, ms: number): void;
  /** A promise of the helper was broken. */
  complain(what: string): void;
  readonly counts: ReadonlyMap<string, number>;
  readonly longestMs: ReadonlyMap<string, number>;
  readonly complaints: readonly string[];
  /** Minutes and seconds since the beginning. */
  time(): string;
  close(): Promise<void>;
}

/** `say` hears the complaints. */
export function openJournal(path: string, say: (line: string) => void): Journal {
  const file = createWriteStream(path);
  // A full disk costs the journal alone.
  file.on('error', () => {});
  const beganMs = performance.now();
  const counts = new Map<string, number>();
  const longestMs = new Map<string, number>();
  const complaints: string[] = [];
  const time = () => {
    const seconds = (performance.now() - beganMs) / 1000;
    const minutes = Math.floor(seconds / 60);
    return `${String(minutes).padStart(2, '0')}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
  };
  const note = (what: string) => void file.write(`${time()} ${what}\n`);
  return {
    note,
    count(what, detail = '') {
      counts.set(what, (counts.get(what) ?? 0) + 1);
      note(`* ${what} ${detail}`);
    },
    lasted(what, ms) {
      longestMs.set(what, Math.max(ms, longestMs.get(what) ?? 0));
    },
    complain(what) {
      complaints.push(`${time()} ${what}`);
      note(`BROKEN ${what}`);
      say(`BROKEN ${time()} ${what}`);
    },
    counts,
    longestMs,
    complaints,
    time,
    close: () => new Promise((resolve) => file.end(resolve)),
  };
}
