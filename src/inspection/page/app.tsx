// The page as a whole: the tree of actors, the chart of the one that is looked at, what it is told, and all of it over time.
import type { Chart } from '../charts/chart.js';
import { ChartPane } from './chart/chart-pane.js';
import { DetailsPane } from './details/details-pane.js';
import type { PageStore } from './store/page-store.js';
import { useStore } from './store/use-store.js';
import { SwarmPane } from './swarm/swarm-pane.js';
import { SequenceDiagram } from './time/sequence-diagram.js';
import { TimeLine } from './time/time-line.js';
import { ActorTree } from './tree/actor-tree.js';

export interface AppProps {
  readonly store: PageStore;
  readonly charts: ReadonlyMap<string, Chart>;
}

export function App({ store, charts }: AppProps) {
  const { source, connection, actors, selected } = useStore(store);
  const chosen = selected === undefined ? undefined : actors.get(selected);
  const chart = chosen?.machine === undefined ? undefined : charts.get(chosen.machine);
  return (
    <div class="inspector">
      <header class="bar">
        <h1>bittorrent-helper</h1>
        <span class="source">{source ? `${source.version} ${source.file ?? ''}` : ''}</span>
        <output class="connection">{connection}</output>
      </header>
      <ActorTree store={store} />
      <ChartPane store={store} chart={chart} />
      <aside class="side">
        <DetailsPane store={store} chart={chart} />
        <SwarmPane store={store} />
      </aside>
      <section class="below">
        <SequenceDiagram store={store} />
        <TimeLine store={store} />
      </section>
    </div>
  );
}
