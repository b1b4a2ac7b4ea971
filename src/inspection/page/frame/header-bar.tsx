// Above everything: whose actors they are, whether more is heard of them, and whether the page goes along.
import type { InspectionSource } from '../../told/page-messages.js';
import type { PageStore } from '../store/page-store.js';
import { ThemeButton } from './theme-button.js';

export interface HeaderBarProps {
  readonly store: PageStore;
  readonly help: () => void;
}

export function HeaderBar({ store, help }: HeaderBarProps) {
  const { kind, text, title } = heard(store);
  return (
    <header class="bar">
      <h1>
        bittorrent-helper <small>inspector</small>
      </h1>
      <Source store={store} />
      <output class={`connection is-${kind}`} title={title}>
        {text}
      </output>
      <FollowButton store={store} />
      <ThemeButton />
      <button type="button" title="what the keys do (?)" onClick={help}>
        <kbd>?</kbd>
        <span>help</span>
      </button>
    </header>
  );
}

/** The name of the recording, or which process it is. */
export function sourceName({ file, pid }: InspectionSource): string {
  return file ?? (pid === undefined ? 'helper' : `process ${pid}`);
}

function Source({ store: { source, lostRecords } }: { readonly store: PageStore }) {
  if (source === undefined) return <p class="source" />;
  const since = new Date(source.beganMs);
  return (
    <p class="source" title={`since ${since.toLocaleString()}`}>
      <b>{sourceName(source)}</b>
      <span>version {source.version}</span>
      <span>since {since.toLocaleTimeString('en-GB')}</span>
      {lostRecords > 0 && (
        <span>the first {lostRecords.toLocaleString('en')} events are no longer known</span>
      )}
    </p>
  );
}

function FollowButton({ store }: { readonly store: PageStore }) {
  const { steps, position, isFollowing, isOver } = store;
  const newer = steps.length - position;
  // Nothing comes that one could wait for, or not.
  if (isOver && newer === 0) return null;
  if (isFollowing) {
    return (
      <button
        type="button"
        title="stay at this moment (space)"
        onClick={() => store.seek(position)}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M4 3h3v10H4zM9 3h3v10H9z" class="is-full" />
        </svg>
        pause
      </button>
    );
  }
  return (
    <button
      type="button"
      class="is-paused"
      title={`go to the newest event${isOver ? '' : ', and stay with it'} (space)`}
      onClick={() => store.follow()}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M4 3l9 5-9 5z" class="is-full" />
      </svg>
      {isOver ? 'to the end' : 'follow'}
      {newer > 0 && <span class="newer">{newer.toLocaleString('en')} newer</span>}
    </button>
  );
}

/** What is known of the connection, in a word or a few. */
function heard({ connection, reason, source, steps }: PageStore) {
  switch (connection) {
    case 'connecting':
      return { kind: connection, text: `reading, ${steps.length.toLocaleString('en')} events` };
    case 'open':
      return source?.kind === 'recording'
        ? { kind: 'recording', text: 'recording', title: 'nothing new comes: it was recorded' }
        : { kind: connection, text: 'live', title: 'what happens is here as it happens' };
    case 'lost':
      return {
        kind: connection,
        text: 'lost, trying again',
        title: 'the helper does not answer; all that it told is still here',
      };
    case 'ended':
      return {
        kind: connection,
        text: reason ? `ended: ${reason}` : 'ended',
        title: 'nothing new comes; all that it told is still here',
      };
  }
}
