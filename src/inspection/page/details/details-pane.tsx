// What the actor that is looked at was told last, and what that changed.
import type { Chart } from '../../charts/chart.js';
import type { PageStore } from '../store/page-store.js';

export interface DetailsPaneProps {
  readonly store: PageStore;
  readonly chart: Chart | undefined;
}

export function DetailsPane({ store }: DetailsPaneProps) {
  const { selected, actors } = store;
  const chosen = selected === undefined ? undefined : actors.get(selected);
  return <section class="details">{chosen?.event?.type}</section>;
}
