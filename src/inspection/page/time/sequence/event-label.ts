// An event in few words: XState's own are long names of little.
import type { InspectionRecord } from '../../../told/records.js';
import { actorName } from '../../store/actor-label.js';

/** What would turn the order of all that stands behind it: in SVG nothing can be kept from that. */
const turning = /[\u202a-\u202e\u2066-\u2069]/g;

export function eventLabel(record: InspectionRecord): string {
  if (record.type === 'actor') return `made ${actorName(record)}`;
  const { event, times = 1 } = record;
  const name = shortName(event.type.replace(turning, '\uFFFD'));
  return times > 1 ? `${name} ×${times}` : name;
}

export function isInternal(record: InspectionRecord): boolean {
  return record.type === 'transition' && record.event.type.startsWith('xstate.');
}

function shortName(type: string): string {
  if (type === 'xstate.stop') return 'stop';
  const [, kind = '', what = '', rest = ''] = /^xstate\.(\w+)\.(\w+)(.*)$/.exec(type) ?? [];
  if (kind === 'done' || kind === 'error') {
    // Whose it is, its arrow says; but for those that were given a name.
    const of = what === 'actor' ? rest.slice(1).replace(/^\d+\..*/, '') : what;
    return of === '' ? kind : `${kind} ${of}`;
  }
  if (kind === 'after') return `after ${/^\d+$/.test(what) ? `${what} ms` : what}`;
  return kind === 'promise' || kind === 'snapshot' ? what || kind : type;
}
