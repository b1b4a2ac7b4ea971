// The books on one helper's jobs, over all its lives: every line it says is compared with what was promised.
import { type Publication, publicationIn } from '../../support/helper/helper-lines.js';
import { type Bell, createBell } from '../waiting/waiting.js';

export interface LedgerJob {
  readonly id: number;
  /** The instruction without its prefix. */
  readonly given: string;
  readonly isSeed: boolean;
  /** Its instruction cannot be carried out. */
  readonly mustFail: boolean;
  /** Said last in this life of the helper; undefined: nothing yet. */
  readonly percent: number | undefined;
  readonly fate: 'live' | 'failed' | 'removed';
  readonly isPausedByUser: boolean;
  readonly publication: Publication | undefined;
  /** Where its content was said to lie: `done`, `moved`. */
  readonly contentPath: string | undefined;
  /** How often it was said to have moved. */
  readonly moves: number;
  /** The newest lines on stderr that name it. */
  readonly told: readonly string[];
}

type Entry = { -readonly [Key in keyof LedgerJob]: LedgerJob[Key] } & {
  file: string | undefined;
  /** So many repeated lines have been asked for by `list:`. */
  repeats: number;
  removedAtMs: number;
  told: string[];
};

export interface Ledger {
  readonly bell: Bell;
  readonly lastId: number;
  readonly liveJobs: readonly LedgerJob[];
  /** The next id is given to this instruction. */
  begin(instruction: string, mustFail: boolean): LedgerJob;
  setPaused(job: LedgerJob, isPausedByUser: boolean): void;
  /** `list:` was written so often. Gives back how many jobs have not answered yet. */
  expectLists(times: number): () => number;
  takeProgress(line: string): void;
  takeDiagnostic(line: string): void;
  /** The helper was started again: every job begins anew, and keeps its id. */
  beginLife(): void;
}

const mostTold = 6;
/** That a job is removed is said on stderr, and can be heard before what stdout said earlier. */
const longestDelayMs = 20_000;
const progressLine = /^(\d+):(.*):(-?\d+)$/s;
const diagnosticLine =
  /^bittorrent-helper: job (\d+)(?: \((.*?)\))?: (published|done|moved|warning|failed|removed)(?:: (.*))?$/;

export function createLedger(complain: (what: string) => void, over: AbortSignal): Ledger {
  const entries = new Map<number, Entry>();
  const bell = createBell(over);
  const find = (id: number) => entries.get(id);

  const check = (entry: Entry, file: string, percent: number, line: string) => {
    const { id, fate, isSeed, mustFail, removedAtMs } = entry;
    const isOver =
      fate === 'failed' || (fate === 'removed' && performance.now() > removedAtMs + longestDelayMs);
    if (isOver) complain(`job ${id} was over (${fate}), and said: ${line}`);
    if (isSeed || entry.file === undefined) {
      const isNameKnown = !isSeed && file !== entry.given;
      if (isSeed && file !== entry.given) complain(`job ${id} is not called so: ${line}`);
      if (isNameKnown) entry.file = file;
    } else if (file !== entry.file) complain(`job ${id} changed its name: ${line}`);
    if (percent === -2) {
      if (!mustFail) complain(`job ${id} failed: ${line}`);
      return;
    }
    if (percent === entry.percent && entry.repeats > 0) {
      entry.repeats -= 1;
      return;
    }
    if (mustFail && percent > -1) complain(`job ${id} should have failed: ${line}`);
    if (percent < -2 || percent > 100) complain(`no percent: ${line}`);
    if (entry.percent === undefined && percent !== -1) complain(`not -1 first: ${line}`);
    if (entry.percent !== undefined && percent <= entry.percent) {
      complain(`job ${id} did not rise from ${entry.percent}: ${line}`);
    }
    if (isSeed && percent !== -1 && percent !== 100) complain(`a seed is at: ${line}`);
  };

  return {
    bell,
    get lastId() {
      return entries.size;
    },
    get liveJobs() {
      return [...entries.values()].filter(({ fate }) => fate === 'live');
    },
    begin(instruction, mustFail) {
      const colon = instruction.indexOf(':');
      const entry: Entry = {
        id: entries.size + 1,
        given: instruction.startsWith('magnet:') ? instruction : instruction.slice(colon + 1),
        isSeed: instruction.startsWith('file:'),
        mustFail,
        percent: undefined,
        fate: 'live',
        isPausedByUser: false,
        publication: undefined,
        contentPath: undefined,
        moves: 0,
        file: undefined,
        repeats: 0,
        removedAtMs: 0,
        told: [],
      };
      entries.set(entry.id, entry);
      return entry;
    },
    setPaused({ id }, isPausedByUser) {
      const entry = find(id);
      if (entry) entry.isPausedByUser = isPausedByUser;
    },
    expectLists(times) {
      const silent = new Set<Entry>();
      for (const entry of entries.values()) {
        if (entry.fate !== 'live') continue;
        entry.repeats = times;
        // One that has not spoken yet may have by the time the line is read.
        if (entry.percent !== undefined) silent.add(entry);
      }
      return () => {
        for (const entry of silent) {
          if (entry.repeats < times || entry.fate !== 'live') silent.delete(entry);
        }
        return silent.size;
      };
    },
    takeProgress(line) {
      const [, digits, file = '', percent] = progressLine.exec(line) ?? [];
      const entry = find(Number(digits));
      if (!entry) return complain(`a line of no job: ${line}`);
      check(entry, file, Number(percent), line);
      entry.percent = Number(percent);
      if (entry.percent === -2) entry.fate = 'failed';
      bell.ring();
    },
    takeDiagnostic(line) {
      const [, digits, , kind, rest = ''] = diagnosticLine.exec(line) ?? [];
      const entry = find(Number(digits));
      if (!entry) return;
      entry.told.push(line);
      if (entry.told.length > mostTold) entry.told.shift();
      if (kind === 'failed' && !entry.mustFail) complain(`no reason to fail: ${line}`);
      if (kind === 'published') entry.publication = publicationIn(rest);
      if (kind === 'done' || kind === 'moved') entry.contentPath = rest;
      if (kind === 'moved') entry.moves += 1;
      if (kind === 'removed') {
        entry.fate = 'removed';
        entry.removedAtMs = performance.now();
      }
      bell.ring();
    },
    beginLife() {
      for (const entry of entries.values()) {
        entry.percent = undefined;
        entry.repeats = 0;
      }
    },
  };
}
