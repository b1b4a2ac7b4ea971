// An event in few words: XState's own are long names of little.
import type { InspectionRecord } from '../../../told/records.js';
import type { ActorName } from '../../steps/step-index.js';

export function eventLabel(record: InspectionRecord): string {
  if (record.type === 'actor') return `made ${columnLabel(record)}`;
  const { event, times = 1 } = record;
  const name = shortName(event.type);
  return times > 1 ? `${name} ×${times}` : name;
}

/** What was invoked without an id has one that says where, and not what. */
export function columnLabel({ id, src }: Pick<ActorName, 'id' | 'src'>): string {
  return /^\d+\./.test(id) ? src : id;
}

export function isInternal(record: InspectionRecord): boolean {
  return record.type === 'transition' && record.event.type.startsWith('xstate.');
}

function shortName(type: string): string {
  if (type === 'xstate.stop') return 'stop';
  const [, kind = '', what = '', rest = ''] = /^xstate\.(\w+)\.(\w+)(.*)$/.exec(type) ?? [];
  if (kind === 'done' || kind === 'error')
    return `${kind}${what === 'actor' ? rest.replace(/^\./, ' ') : ` ${what}`}`;
  if (kind === 'after') return `after ${/^\d+$/.test(what) ? `${what} ms` : what}`;
  return kind === 'promise' || kind === 'snapshot' ? what || kind : type;
}
