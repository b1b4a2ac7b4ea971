// The inspector of a helper that runs: what its actors do, told to a page, written down, or both.
import type { InspectionEvent, Observer } from 'xstate';
import type { HelperError } from '../../errors.js';
import type { Helper } from '../../helper/helper.js';
import { createInspection, type Inspection } from '../observe/inspection.js';
import { openRecording } from '../recording/open-recording.js';
import { helperSwarms } from '../swarms/helper-swarms.js';
import type { InspectionSource } from '../told/page-messages.js';
import type { InspectedRecords } from '../told/readable-records.js';
import { type Inspector, type SwarmWatch, startInspector } from './start-inspector.js';

export interface LiveOptions {
  /** Of the page; 0, the default: a free one. */
  readonly port?: number | undefined;
  /** The file that all of it is written into; undefined: none. */
  readonly record?: string | undefined;
  /** Of the process whose actors they are. */
  readonly pid?: number | undefined;
  /** Told once, when the recording cannot go on. */
  readonly onWarning?: ((error: HelperError) => void) | undefined;
}

export interface LiveRecording {
  /** What `createHelper` is given as `inspect`. */
  readonly inspect: Observer<InspectionEvent>;
  /** `reason`: what pages are told. */
  close(reason?: string): Promise<void>;
}

export interface LiveInspector extends LiveRecording, Inspector {
  /** From now on the swarms of this helper's jobs are shown, too. */
  watch(helper: Helper): void;
}

/** Rejects as `startInspector` and `openRecording` do; nothing is left open then. */
export async function startLiveInspector(
  version: string,
  { port, record, ...options }: LiveOptions = {},
): Promise<LiveInspector> {
  const inspection = createInspection();
  const source = sourceOf(inspection, version, options);
  let swarms: SwarmWatch = noSwarm;
  const inspector = await startInspector(recordsOf(inspection, source), {
    port,
    swarms: (jobId, signal) => swarms(jobId, signal),
  });
  try {
    const recording = await recordInto(record, inspection, source, options);
    return {
      inspect: inspection.observer,
      url: inspector.url,
      watch(helper) {
        swarms = helperSwarms(helper);
      },
      async close(reason) {
        await Promise.all([inspector.close(reason), recording?.close()]);
      },
    };
  } catch (error) {
    await inspector.close();
    throw error;
  }
}

/** The same without a page. Rejects as `openRecording` does. */
export async function startLiveRecording(
  version: string,
  record: string,
  options: Omit<LiveOptions, 'port' | 'record'>,
): Promise<LiveRecording> {
  const inspection = createInspection();
  const source = sourceOf(inspection, version, options);
  const recording = await recordInto(record, inspection, source, options);
  return { inspect: inspection.observer, close: async () => recording?.close() };
}

async function recordInto(
  file: string | undefined,
  inspection: Inspection,
  source: InspectionSource,
  { onWarning }: LiveOptions,
) {
  if (file === undefined) return undefined;
  return openRecording(inspection, source, file, { onStopped: onWarning });
}

function sourceOf({ beganMs }: Inspection, version: string, { pid }: LiveOptions) {
  return { kind: 'live', version, pid, beganMs } as const;
}

function recordsOf(inspection: Inspection, source: InspectionSource): InspectedRecords {
  return {
    source,
    get firstSeq() {
      return inspection.firstSeq;
    },
    get nextSeq() {
      return inspection.nextSeq;
    },
    actorsBefore: inspection.actorsBefore,
    read: inspection.read,
    onRecords: inspection.onRecords,
  };
}

/** Nobody has said whose they are. */
async function* noSwarm(): AsyncGenerator<object> {}
