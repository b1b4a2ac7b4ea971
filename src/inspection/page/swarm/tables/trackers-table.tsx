// The trackers of a torrent in the order in which they are asked: how each is, what it said, and when it is asked.
import type { TrackerMeasure } from '../../../told/swarm-messages.js';
import { shownCount, shownSpan } from './amounts.js';

export interface TrackersTableProps {
  readonly trackers: readonly TrackerMeasure[];
  /** When they were so, in Unix ms. */
  readonly timeMs: number;
}

const words: Readonly<Record<TrackerMeasure['state'], string>> = {
  working: 'working',
  failing: 'failing',
  waiting: 'waiting for an answer',
  unasked: 'not asked',
};

export function TrackersTable({ trackers, timeMs }: TrackersTableProps) {
  return (
    <section class="swarm-trackers">
      <h3>Trackers {trackers.length === 0 && <small>it has none that can be asked</small>}</h3>
      {trackers.length > 0 && (
        <table>
          <thead>
            <tr>
              {['tracker', 'state', 'seeds', 'others', 'asked', 'next'].map((name) => (
                <th key={name} scope="col" class={numbers.has(name) ? 'number' : ''}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          {trackers.map((tracker) => (
            <tbody key={tracker.url}>
              <tr>
                <td class="url" title={tracker.url}>
                  {tracker.url}
                </td>
                <td class={`state ${tracker.state}`}>{words[tracker.state]}</td>
                <td class="number">{counted(tracker.seeders)}</td>
                <td class="number">{counted(tracker.leechers)}</td>
                <td class="number">
                  {tracker.askedMs !== undefined && `${shownSpan(timeMs - tracker.askedMs)} ago`}
                </td>
                <td class="number">{next(tracker, timeMs)}</td>
              </tr>
              {tracker.failure && (
                <tr class="failure">
                  <td colSpan={6}>
                    <code>{tracker.failure.code}</code> {tracker.failure.message}
                  </td>
                </tr>
              )}
            </tbody>
          ))}
        </table>
      )}
    </section>
  );
}

const numbers: ReadonlySet<string> = new Set(['seeds', 'others', 'asked', 'next']);

function counted(count: number | undefined): string {
  return count === undefined ? '' : shownCount(count);
}

function next({ nextMs }: TrackerMeasure, timeMs: number): string {
  if (nextMs === undefined) return '';
  return nextMs > timeMs ? `in ${shownSpan(nextMs - timeMs)}` : 'now';
}
