// The torrent of the job that is looked at, as it is now: its pieces, its peers, its trackers. They are looked at while this is shown,
// and are in no recording.
import type { ComponentChildren } from 'preact';
import type { SwarmMessage } from '../../told/swarm-messages.js';
import type { PageStore } from '../store/page-store.js';
import { useStore } from '../store/use-store.js';
import { shownBytes, shownRate, shownShare, shownSpan } from './amounts.js';
import { jobOf } from './job-of.js';
import { PeersTable } from './peers-table.js';
import { PiecesBar } from './pieces-bar.js';
import { TrackersTable } from './trackers-table.js';
import { useSwarm } from './use-swarm.js';

export function SwarmPane({ store }: { readonly store: PageStore }) {
  const { source, actors, selected } = useStore(store);
  const jobId = jobOf(actors, selected);
  if (source?.kind === 'recording')
    return (
      <Empty>
        Pieces, peers and trackers are not recorded: they are looked at while a helper runs.
      </Empty>
    );
  if (jobId === undefined)
    return <Empty>Choose a job to see its pieces, peers and trackers.</Empty>;
  return <JobSwarmView key={jobId} jobId={jobId} />;
}

function Empty({ children }: { readonly children: ComponentChildren }) {
  return (
    <section class="swarm" aria-label="swarm">
      <p class="swarm-empty">{children}</p>
    </section>
  );
}

function JobSwarmView({ jobId }: { readonly jobId: number }) {
  const { connection, message } = useSwarm(jobId);
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
        <output>{outlook(connection)}</output>
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

function outlook(connection: string): string {
  if (connection === 'lost') return 'the connection is lost; this was so';
  return connection === 'over' ? 'it is over; this was so at last' : 'now';
}

function Totals({ message: { totals } }: { readonly message: SwarmMessage }) {
  const { bytesTotal, bytesDone, bytesDown, bytesUp, bytesWasted, etaSeconds } = totals;
  const all: readonly (readonly [name: string, value: string, more: string])[] = [
    [
      'done',
      bytesTotal === undefined ? '–' : shownShare(bytesDone, bytesTotal),
      bytesTotal === undefined ? '' : `${shownBytes(bytesDone)} of ${shownBytes(bytesTotal)}`,
    ],
    ['down', shownRate(totals.downBytesPerSecond) || '–', `${shownBytes(bytesDown)} came`],
    ['up', shownRate(totals.upBytesPerSecond) || '–', `${shownBytes(bytesUp)} went`],
    ['left', etaSeconds === undefined ? '–' : shownSpan(etaSeconds * 1_000), ''],
    ['wasted', bytesWasted === 0 ? '–' : shownBytes(bytesWasted), ''],
  ];
  return (
    <dl class="swarm-totals">
      {all.map(([name, value, more]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {value} <small>{more}</small>
          </dd>
        </div>
      ))}
    </dl>
  );
}
