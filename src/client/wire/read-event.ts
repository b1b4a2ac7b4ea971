// What a helper tells unasked, as the events of the library. Of what it does not know it makes nothing.
import type { HelperEvent } from '../../helper/events/helper-event.js';
import { readEventError } from './read-error.js';
import { readTorrentFacts, stateIn } from './read-facts.js';
import { type Fields, fieldsOf, numberIn, textIn, wordIn } from './read-fields.js';

export function readEvent(method: string, params: Fields): HelperEvent | undefined {
  const timeMs = numberIn(params, 'timeMs') ?? 0;
  const error = () => readEventError(fieldsOf(params.error));
  switch (method) {
    case 'helper.warning':
      return { timeMs, type: method, error: error() };
    case 'helper.stopping':
      return { timeMs, type: method };
    case 'helper.restored': {
      const number = (name: string) => numberIn(params, name) ?? 0;
      return { timeMs, type: method, jobCount: number('jobCount'), nextId: number('nextId') };
    }
  }
  const id = numberIn(params, 'id');
  if (id === undefined) return undefined;
  const job = { timeMs, id, key: textIn(params, 'key') };
  const text = (name: string) => textIn(params, name) ?? '';
  switch (method) {
    case 'job.known':
      return { ...job, type: method, ...readTorrentFacts(params) };
    case 'job.published': {
      const publication = {
        torrentFile: text('torrentFile'),
        infoHash: text('infoHash'),
        magnetUri: text('magnetUri'),
      };
      return { ...job, type: method, ...publication };
    }
    case 'job.state': {
      const to = stateIn(params, 'to');
      const reason = wordIn(params, 'reason', ['user', 'disk']);
      return to && { ...job, type: method, from: stateIn(params, 'from'), to, reason };
    }
    case 'job.done':
    case 'job.moved':
      return { ...job, type: method, contentPath: text('contentPath') };
    case 'job.verified':
      return { ...job, type: method, missingBytes: numberIn(params, 'missingBytes') ?? 0 };
    case 'job.announced':
      return { ...job, type: method };
    case 'tracker.changed':
      return {
        ...job,
        type: method,
        url: text('url'),
        state: wordIn(params, 'state', ['working', 'failing', 'waiting']) ?? 'waiting',
        error: params.error === undefined ? undefined : error(),
        seeders: numberIn(params, 'seeders'),
        leechers: numberIn(params, 'leechers'),
      };
    case 'job.failed':
    case 'job.warning':
      return { ...job, type: method, error: error() };
    case 'job.ended': {
      const end = wordIn(params, 'end', ['failed', 'removed', 'released', 'stopped']);
      return { ...job, type: method, end: end ?? 'stopped' };
    }
    default:
      return undefined;
  }
}
