// Who told whom what, one line an event.
import type { PageStore } from '../store/page-store.js';

export function SequenceDiagram({ store }: { readonly store: PageStore }) {
  return <section class="sequence">{store.current?.record.seq}</section>;
}
