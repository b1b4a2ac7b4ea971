// The torrent of the job that is looked at, as it is now: its pieces, its peers, its trackers. They are looked at while this is shown,
// and are in no recording.
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { SwarmMessage } from '../../told/swarm-messages.js';
import type { PageStore } from '../store/page-store.js';
import { useStore } from '../store/use-store.js';
import { PiecesBar } from './pieces-bar.js';
import { shownBytes, shownIfAny, shownShare, shownSpan } from './tables/amounts.js';
import { PeersTable } from './tables/peers-table.js';
import { TrackersTable } from './tables/trackers-table.js';
import { jobOf, useSwarm, type WatchedSwarm } from './use-swarm.js';

export function SwarmPane({ store }: { readonly store: PageStore }) {
  const { source, connection, actors, selected, isFollowing } = useStore(store);
  const jobId = jobOf(actors, selected);
  const isEnded = connection === 'ended';
  // What the actors do is told far more often than this changes.
  const view = useMemo(
    () =>
      jobId !== undefined && (
        <JobSwarmView key={jobId} jobId={jobId} isPast={!isFollowing} isEnded={isEnded} />
      ),
    [jobId, isFollowing, isEnded],
  );
  if (source?.kind === 'recording')
    return (
      <Empty>
        Pieces, peers and trackers are not recorded: they are looked at while a helper runs.
      </Empty>
    );
  return view || <Empty>Choose a job to see its pieces, peers and trackers.</Empty>;
}

function Empty({ children }: { readonly children: ComponentChildren }) {
  return (
    <section class="swarm" aria-label="swarm">
      <p class="swarm-empty">{children}</p>
    </section>
  );
}

interface JobSwarmProps {
  readonly jobId: number;
  /** The rest of the page shows what was, and this what is. */
  readonly isPast: boolean;
  readonly isEnded: boolean;
}

function JobSwarmView({ jobId, isPast, isEnded }: JobSwarmProps) {
  const { connection, message } = useSwarm(jobId, isEnded);
  if (message === undefined)
    return (
      <Empty>
        {connection === 'over'
          ? `Job ${jobId} is over: it is in no swarm any more.`
          : `Looking at job ${jobId} …`}
      </Empty>
    );
  const { state, totals, detail, timeMs } = message;
  const { peers, seeds } = totals;
  return (
    <section class={`swarm is-${connection}`} aria-label={`swarm of job ${jobId}`}>
      <header class="swarm-head">
        <h2>Job {jobId}</h2>
        <span class="swarm-state">{state}</span>
        <output>{outlook(connection, isPast)}</output>
      </header>
      <Totals message={message} />
      {detail ? (
        <>
          <PiecesBar pieces={detail.pieces} />
          <PeersTable
            peers={detail.peers}
            connected={peers}
            seeds={seeds}
            pieceCount={detail.pieces.pieceCount}
          />
          <TrackersTable trackers={detail.trackers} timeMs={timeMs} />
        </>
      ) : (
        <p class="swarm-empty">It is in no swarm now.</p>
      )}
    </section>
  );
}

function outlook(connection: WatchedSwarm['connection'], isPast: boolean): string {
  if (connection === 'lost') return 'the connection is lost; this was so';
  if (connection === 'over') return 'it is over; this was so at last';
  return isPast ? 'as it is now, whatever the time line shows' : 'now';
}

function Totals({ message: { totals } }: { readonly message: SwarmMessage }) {
  const { bytesTotal, bytesDone, bytesDown, bytesUp, bytesWasted, etaSeconds } = totals;
  const all: readonly (readonly [name: string, value: string, more: string])[] = [
    [
      'done',
      bytesTotal === undefined ? '' : shownShare(bytesDone, bytesTotal),
      bytesTotal === undefined ? '' : `${shownBytes(bytesDone)} of ${shownBytes(bytesTotal)}`,
    ],
    ['down a second', shownIfAny(totals.downBytesPerSecond), `${shownBytes(bytesDown)} came`],
    ['up a second', shownIfAny(totals.upBytesPerSecond), `${shownBytes(bytesUp)} went`],
    ['left', etaSeconds === undefined ? '' : shownSpan(etaSeconds * 1_000), ''],
    ['wasted', shownIfAny(bytesWasted), ''],
  ];
  return (
    <dl class="swarm-totals">
      {all.map(([name, value, more]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {value || '–'} <small>{more}</small>
          </dd>
        </div>
      ))}
    </dl>
  );
}
