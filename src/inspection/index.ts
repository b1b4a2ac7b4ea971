// The entry of programs that embed the helper and want to look into it: `bittorrent-helper/inspector`.
import { pid } from 'node:process';
import type { HelperError } from '../errors.js';
import { checkKeys, invalidOption } from '../options/check-arguments.js';
import { type LiveInspector, startLiveInspector } from './server/live-inspection.js';

export type { LiveInspector } from './server/live-inspection.js';

/** What the build puts in; where the sources are run, nothing. */
declare const HELPER_VERSION: string | undefined;

export interface OpenInspectorOptions {
  /** The port of the page, on the loopback interface; left out, a free one. */
  readonly port?: number | undefined;
  /** The file into which all of it is written down, for `bittorrent-helper inspect FILE`. */
  readonly record?: string | undefined;
  /** Called once, when the file cannot be written any more. */
  readonly onWarning?: ((error: HelperError) => void) | undefined;
}

/**
 * Serves a page that shows what the machines of a helper do, to this machine alone. Give its `inspect` to `createHelper`, the helper
 * to its `watch`, and close it after the helper; until then it keeps the process alive. Rejects with a HelperError: OPTION_INVALID,
 * PORT_TAKEN, INSPECTOR_NOT_FOUND where a program was bundled without the page; RECORDING_EXISTS, RECORDING_UNWRITABLE.
 */
export async function openInspector(options: OpenInspectorOptions = {}): Promise<LiveInspector> {
  checkKeys('openInspector', options, ['port', 'record', 'onWarning']);
  const { port = 0, record, onWarning } = options;
  const invalid = (name: string, value: unknown, expected: string) =>
    invalidOption(`the option ${name} of openInspector`, value, expected);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw invalid('port', port, 'a number from 0 to 65535');
  }
  if (record !== undefined && (typeof record !== 'string' || record === '')) {
    throw invalid('record', record, 'the path of a file');
  }
  if (onWarning !== undefined && typeof onWarning !== 'function') {
    throw invalid('onWarning', onWarning, 'a function');
  }
  const version = typeof HELPER_VERSION === 'string' ? HELPER_VERSION : 'unknown';
  return startLiveInspector(version, { port, record, onWarning, pid });
}
