// What --inspect and --inspect-record ask for: what sees the helper's machines. Nothing of it is loaded where neither is given.
import type { InspectionEvent } from 'xstate';
import { type HelperError, toHelperError } from '../errors.js';
import type { Helper } from '../helper/helper.js';
import { namePortOption } from '../options/resolve-options.js';
import type { RunCommand } from './arguments/parse-arguments.js';
import type { Terminal } from './terminal.js';

export interface OpenInspection {
  readonly inspect: (event: InspectionEvent) => void;
  /** The page to open; undefined: none. */
  readonly url: string | undefined;
  /** Shows its swarms, too. */
  watch(helper: Helper): void;
  close(): Promise<void>;
}

/** Rejects with PORT_TAKEN, and with why the recording cannot be written. `onWarning`: it cannot be written any more. */
export async function openInspection(
  { inspect: option, record }: RunCommand,
  { version, pid }: Pick<Terminal, 'version' | 'pid'>,
  onWarning: (error: HelperError) => void,
): Promise<OpenInspection | undefined> {
  const options = { pid, onWarning: (error: unknown) => onWarning(toHelperError(error)) };
  if (option?.page === 'own') {
    const { startLiveInspector } = await import('../inspection/server/live-inspection.js');
    const opening = startLiveInspector(version, { ...options, port: option.port, record });
    const { inspect, url, watch, close } = await namePortOption(
      '--inspect',
      option.port,
      opening.catch(rejectAsOurs),
    );
    return {
      inspect: (event) => inspect.next?.(event),
      url,
      watch,
      close: () => close('the helper has ended'),
    };
  }
  const recording = record === undefined ? undefined : await recordInto(record, version, options);
  const page = option && (await openStatelyPage());
  if (!recording && !page) return undefined;
  return {
    inspect(event) {
      recording?.inspect.next?.(event);
      page?.inspect.next?.(event);
    },
    url: page?.url,
    watch() {},
    async close() {
      await Promise.all([recording?.close(), page?.close()]);
    },
  };
}

async function recordInto(
  file: string,
  version: string,
  options: { readonly pid: number; readonly onWarning: (error: unknown) => void },
) {
  const { startLiveRecording } = await import('../inspection/server/live-inspection.js');
  return startLiveRecording(version, file, options).catch(rejectAsOurs);
}

async function openStatelyPage() {
  const { startStatelyPage } = await import('../inspection/stately/stately-page.js');
  return startStatelyPage();
}

/** They come from a bundle of its own. */
function rejectAsOurs(error: unknown): never {
  throw toHelperError(error);
}
