// `bittorrent-helper show`: what a torrent holds, for people or as JSON. A torrent may have two hundred thousand files, so
// what is written of it comes in pieces, and whoever has seen enough hears no more.
import { createHash } from 'node:crypto';
import { BencodeDictionary } from '../../metainfo/bencode-values.js';
import { decodeBencode } from '../../metainfo/decode-bencode.js';
import type { Metainfo, MetainfoFile, MetainfoLink } from '../../metainfo/metainfo.js';
import { resolveOptions } from '../../options/resolve-options.js';
import { escapeForTerminal } from '../../protocol/escape-name.js';
import type { ShowCommand } from '../arguments/parse-arguments.js';
import { type BesideInfo, besideInfoIn } from './beside-info.js';
import { type CommandContext, toJson } from './command-context.js';
import { fetchShown } from './fetch-shown.js';
import { summaryOf } from './torrent-summary.js';

/** So many files are written at once. */
const filesAtOnce = 500;

/** What goes to stdout. */
export async function* showTorrent(
  { source, options, isJson }: ShowCommand,
  context: CommandContext,
): AsyncGenerator<string> {
  const { metainfo, document } = await fetchShown(source, resolveOptions(options), context);
  const beside = besideInfoIn(document);
  yield* isJson ? jsonOf(metainfo, beside) : textOf(metainfo, beside);
}

/** One line: an object, its files last. */
export function* jsonOf(metainfo: Metainfo, beside: BesideInfo): Generator<string> {
  const at = (path: readonly string[]) => pathIn(metainfo, path);
  const fields = {
    ...summaryOf(metainfo, metainfo.announce),
    infoHashV2: infoHashV2(metainfo) ?? null,
    ...beside,
    flaws: metainfo.remarks,
    links: metainfo.links.map(({ path, target }) => ({ path: at(path), target: at(target) })),
  };
  yield `${toJson(fields).slice(0, -1)},"files":[`;
  let separator = '';
  for (const files of atOnce(realFiles(metainfo))) {
    const listed = files.map(({ path, lengthBytes }) => toJson({ path: at(path), lengthBytes }));
    yield separator + listed.join(',');
    separator = ',';
  }
  yield ']}\n';
}

/** A line for each field, and then for each file: its length and where it lies. */
export function* textOf(metainfo: Metainfo, beside: BesideInfo): Generator<string> {
  const { name, infoHash, lengthBytes, pieceLengthBytes, pieceCount } = metainfo;
  const { fileCount, magnetUri } = summaryOf(metainfo, metainfo.announce);
  const v2 = infoHashV2(metainfo);
  const { comment, createdBy, createdMs, webSeeds } = beside;
  yield* field('name', name);
  yield* field('info hash', infoHash, ...(v2 === undefined ? [] : [`${v2} (v2)`]));
  yield* field('size', `${bytes(lengthBytes)} in ${count(fileCount, 'file')}`);
  yield* field('pieces', `${pieceCount} of ${bytes(pieceLengthBytes)}`);
  yield* field('private', metainfo.isPrivate ? 'yes, its trackers alone name peers' : 'no');
  const tiers = metainfo.announce.map((urls) => urls.join(' '));
  yield* field('trackers', ...(tiers.length > 0 ? tiers : ['none']));
  yield* field('web seeds', ...webSeeds);
  yield* field('comment', ...(comment ?? '').split(/\r?\n/).filter((line) => line !== ''));
  yield* field('created', ...[when(createdMs), createdBy && `by ${createdBy}`].filter(isText));
  yield* field('magnet', magnetUri);
  yield* field('flaws', ...metainfo.remarks.map(({ code, message }) => `${code}: ${message}`));
  yield* filesOf(metainfo);
}

function* filesOf(metainfo: Metainfo): Generator<string> {
  const width = String(metainfo.lengthBytes).length;
  const nameOf = (path: readonly string[]) => escapeForTerminal(pathIn(metainfo, path));
  yield 'files\n';
  for (const files of atOnce(realFiles(metainfo))) {
    yield files
      .map(({ path, lengthBytes }) => `  ${String(lengthBytes).padStart(width)}  ${nameOf(path)}\n`)
      .join('');
  }
  for (const links of atOnce<MetainfoLink>(metainfo.links)) {
    yield links
      .map(
        ({ path, target }) => `  ${'link'.padStart(width)}  ${nameOf(path)} -> ${nameOf(target)}\n`,
      )
      .join('');
  }
}

/** Where it lies below the folder that it is downloaded to. */
function pathIn({ name }: Metainfo, path: readonly string[]): string {
  return [name, ...path].join('/');
}

/** Padding is nowhere on disk. */
function realFiles({ files }: Metainfo): readonly MetainfoFile[] {
  return files.filter(({ isPadding }) => !isPadding);
}

function* atOnce<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += filesAtOnce) {
    yield all.slice(from, from + filesAtOnce);
  }
}

/** Of a hybrid of BitTorrent v1 and v2 (BEP 52). */
function infoHashV2({ info }: Metainfo): string | undefined {
  const decoded = decodeBencode(info, 'info');
  const isHybrid = decoded instanceof BencodeDictionary && decoded.get('meta version') === 2;
  return isHybrid ? createHash('sha256').update(info).digest('hex') : undefined;
}

const labelColumns = 11;

function* field(label: string, ...values: readonly string[]): Generator<string> {
  for (const [index, value] of values.entries()) {
    const shown = (index === 0 ? label : '').padEnd(labelColumns);
    yield `${shown}${escapeForTerminal(value)}\n`;
  }
}

function when(ms: number | null): string | undefined {
  return ms === null ? undefined : new Date(ms).toISOString().replace(/\.000Z$/, 'Z');
}

function isText(text: string | null | undefined): text is string {
  return typeof text === 'string' && text !== '';
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`;
}

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** To three digits, and exactly where that is something else: `1.4 GiB (1503238553 bytes)`. */
function bytes(many: number): string {
  let size = many;
  let unit = 0;
  for (; size >= 1_000 && unit < units.length - 1; unit += 1) size /= 1_024;
  if (unit === 0) return count(many, 'byte');
  const short = `${Number(size.toPrecision(3))} ${units[unit]}`;
  return size === Number(size.toPrecision(3)) && many % 1_024 === 0
    ? short
    : `${short} (${many} bytes)`;
}
