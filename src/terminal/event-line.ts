// The line that the helper itself would write to stderr for an event. One that is only watched does so elsewhere, or nowhere.
import type { HelperEvent } from '../helper/events/helper-event.js';
import { diagnosticLine } from '../protocol/diagnostic-line.js';

/** @param file how the lines of the job name it; '' where it was gone before anybody could ask */
export function eventLine(event: HelperEvent, file: string): string | undefined {
  return lineOf(event, file)?.replace(/^(\S+ job \d+) \(\): /, '$1: ');
}

function lineOf(event: HelperEvent, file: string): string | undefined {
  switch (event.type) {
    case 'job.published': {
      const { id, torrentFile, infoHash, magnetUri } = event;
      return diagnosticLine({ kind: 'published', id, file, torrentFile, infoHash, magnetUri });
    }
    case 'job.done':
      return diagnosticLine({ kind: 'done', id: event.id, file, contentPath: event.contentPath });
    case 'job.moved':
      return diagnosticLine({ kind: 'moved', id: event.id, file, contentPath: event.contentPath });
    case 'job.verified': {
      const { id, missingBytes } = event;
      return diagnosticLine({ kind: 'verified', id, file, missingBytes });
    }
    case 'job.announced':
      return diagnosticLine({ kind: 'announced', id: event.id, file });
    case 'job.failed':
      return diagnosticLine({ kind: 'failed', id: event.id, file, failure: event.error });
    case 'job.warning':
      return diagnosticLine({ kind: 'warning', id: event.id, file, failure: event.error });
    case 'helper.warning':
      return diagnosticLine({ kind: 'warning', failure: event.error });
    case 'job.ended':
      return event.end === 'removed'
        ? diagnosticLine({ kind: 'removed', id: event.id, file })
        : undefined;
    default:
      return undefined;
  }
}
