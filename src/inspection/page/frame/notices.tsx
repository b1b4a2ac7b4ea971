// What whoever looks has to know before they believe what they see.
import type { PageStore } from '../store/page-store.js';

export interface NoticesProps {
  readonly store: PageStore;
  /** Of the package that the page is part of. */
  readonly version: string;
  /** Why there are no charts. */
  readonly chartsError: string | undefined;
}

export function Notices({ store: { source }, version, chartsError }: NoticesProps) {
  const isOther = source?.kind === 'recording' && source.version !== version;
  return (
    <div class="notices" role="status">
      {chartsError !== undefined && (
        <p>
          There are no charts: {chartsError}. Everything else is here. The package may not be whole;
          in a checkout, <code>npm run build</code> makes it so.
        </p>
      )}
      {isOther && (
        <p>
          This was recorded by version {source.version}, and the charts are those of {version},
          which may be others.{' '}
          <code>
            npx bittorrent-helper@{source.version} inspect {source.file ?? 'FILE'}
          </code>{' '}
          shows it with its own.
        </p>
      )}
      {source?.notes?.map((note) => (
        <p key={note}>
          {source.file}: {note}.
        </p>
      ))}
    </div>
  );
}
