// One job of a session as JSON. Pure; what is read is checked field by field, and fields it does not know are left out.
import { isAbsolute, join } from 'node:path';
import type {
  DownloadChoices,
  GivenMetainfo,
  JobInstruction,
  Reach,
  SavedState,
} from '../../machines/types.js';
import {
  decodeVersioned,
  encodeChecked,
  FileFlaw,
  isFields,
  type JsonFields,
} from '../files/versioned-json.js';
import { MetainfoBytes } from '../metainfo/metainfo-bytes.js';

/** An invalid one is over before it begins, and so is never saved. */
export type SavedInstruction = Exclude<JobInstruction, { readonly kind: 'invalid' }>;

/** A job that is to come back. Of a seed `contentPath` is known from the start, as an absolute path. */
export interface SavedJob extends SavedState {
  readonly id: number;
  readonly instruction: SavedInstruction;
}

const version = 1;

/** Of fifteen digits, as in the names of the files. */
export const highestId = 1e15 - 1;

/** Longer than any path or URL can be; six bytes a character at worst, so it fits into what is read back. */
export const maxGivenLength = 1024 * 1024;
export const maxJobFileBytes = 8 * 1024 * 1024;

export function jobFileName(id: number): string {
  return `job-${id}.json`;
}

/** Where metainfo lies that was handed over with a job. */
export function givenPath(folder: string, id: number): string {
  return join(folder, `job-${id}.torrent`);
}

/** The id in the name of such a file. */
export function idOfGiven(fileName: string): number | undefined {
  const [, digits] = /^job-([1-9]\d{0,14})\.torrent$/.exec(fileName) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** The id in the name of a job's file, or of one that was set aside because it is damaged. */
export function idInName(fileName: string): { id: number; isDamaged: boolean } | undefined {
  const [, digits, damaged] = /^job-([1-9]\d{0,14})\.json(\.damaged)?$/.exec(fileName) ?? [];
  if (digits === undefined) return undefined;
  return { id: Number(digits), isDamaged: damaged !== undefined };
}

export function encodeJob(job: SavedJob): Uint8Array {
  return encodeChecked(version, jobFields(job));
}

/** `id`: as the file's name has it. Throws FileFlaw. */
export function readJob(bytes: Uint8Array, id: number, folder: string): SavedJob {
  const job = readJobFields(decodeVersioned(bytes, version), folder);
  if (job.id !== id) throw new FileFlaw('holds another job than its name says');
  return job;
}

export function jobFields({ instruction, ...job }: SavedJob) {
  const { id, isPaused, addedMs, doneMs, infoHash, name, contentPath, reach } = job;
  const known = { infoHash, name, contentPath, reach };
  return { id, instruction: instructionFields(instruction), isPaused, addedMs, doneMs, ...known };
}

function instructionFields(instruction: SavedInstruction) {
  const { kind, given, key } = instruction;
  if (kind === 'seed') return { kind, given, key };
  const { dir, paused, metainfo } = instruction;
  return { kind, given, key, metainfo: metainfo?.digest, dir, paused };
}

/** Throws FileFlaw. `folder`: what is said to lie beside it lies there. */
export function readJobFields(fields: JsonFields, folder: string): SavedJob {
  const { id, isPaused, infoHash, contentPath } = fields;
  if (!isId(id)) throw new FileFlaw('has no valid id');
  if (typeof isPaused !== 'boolean') throw new FileFlaw('does not say whether the job is paused');
  if (infoHash !== undefined && !isInfoHash(infoHash)) throw new FileFlaw('has no valid info hash');
  if (contentPath !== undefined && !isAbsolutePath(contentPath)) {
    throw new FileFlaw('has no absolute path of the content');
  }
  const known = { infoHash, name: readName(fields), contentPath, reach: readReach(fields) };
  const times = { addedMs: readTime(fields.addedMs), doneMs: readTime(fields.doneMs) };
  const instruction = readInstruction(fields, givenPath(folder, id));
  return { id, instruction, isPaused, ...times, ...known };
}

/** One that cannot be is left out. */
function readTime(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

/** One that cannot be is left out: it is told again as soon as the torrent is known. */
function readName({ name }: JsonFields): string | undefined {
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** One that is not known is left out: then what the instruction says goes. Nobody but the user is as the user. */
function readReach({ reach }: JsonFields): Reach | undefined {
  if (!isFields(reach)) return undefined;
  const { kind, address } = reach;
  if (kind === 'document') return { kind };
  if (kind !== 'network') return undefined;
  return { kind, address: typeof address === 'string' ? address : undefined };
}

/** `path`: where metainfo lies that came with it. */
function readInstruction({ instruction }: JsonFields, path: string): SavedInstruction {
  if (isFields(instruction)) {
    const { kind, given } = instruction;
    if (typeof given === 'string' && given !== '') {
      if (kind === 'seed') return { kind, given, ...readKey(instruction) };
      if (kind === 'download') {
        const metainfo = readGiven(instruction, path);
        return { kind, given, ...readKey(instruction), ...metainfo, ...readChoices(instruction) };
      }
    }
  }
  throw new FileFlaw('has no valid instruction');
}

function readGiven({ metainfo }: JsonFields, path: string): { readonly metainfo?: GivenMetainfo } {
  if (metainfo === undefined) return {};
  if (typeof metainfo !== 'string') throw new FileFlaw('has no valid digest of its metainfo');
  return { metainfo: MetainfoBytes.at(path, metainfo) };
}

function readKey({ key }: JsonFields): { readonly key?: string } {
  if (key === undefined) return {};
  if (typeof key !== 'string' || key === '') throw new FileFlaw('has no valid key');
  return { key };
}

/** Content that went somewhere else by a wrong choice would be in nobody's way to find. */
function readChoices({ dir, paused }: JsonFields): DownloadChoices {
  if (dir !== undefined && !isAbsolutePath(dir)) throw new FileFlaw('has no absolute dir');
  return { ...(dir !== undefined && { dir }), ...(paused === true && { paused }) };
}

export function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= highestId;
}

function isInfoHash(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{40}$/.test(value);
}

function isAbsolutePath(value: unknown): value is string {
  return typeof value === 'string' && isAbsolute(value);
}
