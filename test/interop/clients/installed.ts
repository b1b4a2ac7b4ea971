// What of others' this machine has. A story that needs what is missing is skipped, and its title says why.
import { spawnSync } from 'node:child_process';
import { findPython } from '../../support/clients/find-python.mjs';
import type { Need } from '../../support/network/need.js';

export interface Program extends Need {
  readonly name: string;
  /** Its name and, where it is installed, its version. */
  readonly title: string;
}

export const aria2 = program('aria2', ['aria2c', '--version'], /version (\S+)/);
export const transmission = program('transmission', ['transmission-daemon', '-V'], / (\S+)/);
export const transmissionRemote = program(
  'transmission-remote',
  ['transmission-remote', '-V'],
  / (\S+)/,
);
export const transmissionCreate = program(
  'transmission-create',
  ['transmission-create', '-V'],
  / (\S+)/,
);
export const transmissionShow = program('transmission-show', ['transmission-show', '-V'], / (\S+)/);
export const mktorrent = program('mktorrent', ['mktorrent', '-h'], /mktorrent (\S+)/);

const libtorrentVersion = ['-c', 'import libtorrent; print(libtorrent.__version__)'];
export const python = findPython() ?? 'python3';
export const libtorrent = program('libtorrent', [python, ...libtorrentVersion], /(\S+)/);

function program(name: string, command: readonly string[], pattern: RegExp): Program {
  const version = pattern.exec(outputOf(command) ?? '')?.[1];
  return {
    name,
    title: version === undefined ? name : `${name} ${version}`,
    isMet: version !== undefined,
    otherwise: `${name} is not installed`,
  };
}

/** What it writes, to whichever stream; undefined if it cannot be started or fails. */
function outputOf([command = '', ...args]: readonly string[]): string | undefined {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? `${stdout}${stderr}` : undefined;
}
