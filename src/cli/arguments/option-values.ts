// The values of single options, as what they are. What is wrong with one is told in a sentence that names it.
import { HelperError } from '../../errors.js';
import type { OnEof } from '../../options/resolve-options.js';
import type { Values } from './given-values.js';

/** A process by its number, or whoever started this one. */
export type StopWith = number | 'parent';

/** What goes to stdout; `auto`: a view where people look at it, else lines. */
export type Output = 'auto' | 'lines' | 'json';

export interface SocketOption {
  readonly path: string;
  /** Whether those who connect may give instructions. */
  readonly hasControl: boolean;
}

/** The page that shows what the machines do. */
export type InspectOption =
  | { readonly page: 'own'; readonly port: number | undefined }
  | { readonly page: 'stately' };

/** What kill(2) takes: a signed integer of 32 bits. */
const maxProcessId = 0x7fff_ffff;

export function outputOf(values: Values): Output {
  const isJson = values.isSet('json');
  if (!values.isSet('lines')) return isJson ? 'json' : 'auto';
  if (isJson) throw new HelperError('OPTION_INVALID', '--lines: expected without --json');
  return 'lines';
}

export function inspectOf(value: string | undefined): InspectOption | undefined {
  if (value === undefined) return undefined;
  if (value === '') return { page: 'own', port: undefined };
  if (value === 'stately') return { page: 'stately' };
  return { page: 'own', port: portOption('--inspect', value, ', or stately') };
}

export function portOption(
  flag: string,
  value: string | undefined,
  orElse = '',
): number | undefined {
  if (value === undefined) return undefined;
  const port = Number(value);
  if (/^[1-9]\d{0,4}$/.test(value) && port <= 65_535) return port;
  throw new HelperError(
    'OPTION_INVALID',
    `${flag} ${value}: expected a port number from 1 to 65535${orElse}`,
  );
}

export function pathOption(name: string, value: string | undefined): string | undefined {
  if (value === undefined || (value !== '' && !value.includes('\0'))) return value;
  throw new HelperError('OPTION_INVALID', `--${name} ${value}: expected a path`);
}

export function socketOf(values: Values): SocketOption | undefined {
  const hasControl = values.isSet('socket-control');
  const given = pathOption('socket', values.text('socket'));
  if (given !== undefined) return { path: given, hasControl };
  if (!hasControl) return undefined;
  throw new HelperError('OPTION_INVALID', '--socket-control: expected with --socket PATH');
}

export function onEofOf(value: string): OnEof {
  if (value === 'finish' || value === 'stop' || value === 'seed') return value;
  throw new HelperError('OPTION_INVALID', `--on-eof ${value}: expected finish, stop or seed`);
}

export function stopWithOf(value: string | undefined): StopWith | undefined {
  if (value === undefined || value === 'parent') return value;
  const id = Number(value);
  if (/^[1-9]\d*$/.test(value) && id <= maxProcessId) return id;
  throw new HelperError(
    'OPTION_INVALID',
    `--stop-with ${value}: expected the id of a process, or parent`,
  );
}
