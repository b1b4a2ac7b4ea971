// The inspector of a helper that runs: what its actors do, told to a page.
import type { InspectionEvent, Observer } from 'xstate';
import { createInspection } from '../observe/inspection.js';
import { type Inspector, type InspectorOptions, startInspector } from './start-inspector.js';

export interface LiveInspector extends Inspector {
  /** What `createHelper` is given as `inspect`. */
  readonly inspect: Observer<InspectionEvent>;
}

export async function startLiveInspector(
  version: string,
  options: InspectorOptions = {},
): Promise<LiveInspector> {
  const inspection = createInspection();
  const { beganMs, observer } = inspection;
  const records = {
    source: { kind: 'live', version, beganMs } as const,
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
  const inspector = await startInspector(records, options);
  return { ...inspector, inspect: observer };
}
