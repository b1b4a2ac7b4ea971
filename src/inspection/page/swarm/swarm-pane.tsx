// The torrent of the job that is looked at: its pieces, its peers, its trackers.
import type { PageStore } from '../store/page-store.js';

export function SwarmPane({ store }: { readonly store: PageStore }) {
  return <section class="swarm">{store.source?.kind}</section>;
}
