// The page as a whole: the tree of actors, the chart of the one that is looked at, what it is told, and all of it over time.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Chart } from '../charts/chart.js';
import { ChartPane, firstLook } from './chart/chart-pane.js';
import { DetailsPane } from './details/details-pane.js';
import { HeaderBar, sourceName } from './frame/header-bar.js';
import { HelpDialog } from './frame/help-dialog.js';
import { Notices } from './frame/notices.js';
import { PaneBoundary } from './frame/pane-boundary.js';
import { type Side, Splitter } from './frame/splitter.js';
import { useStoredChoice } from './frame/stored-choice.js';
import { type MiddleView, SubjectBar } from './frame/subject-bar.js';
import type { LoadedCharts } from './load-charts.js';
import type { PageStore } from './store/page-store.js';
import { useStore } from './store/use-store.js';
import { SwarmPane } from './swarm/swarm-pane.js';
import { SequenceDiagram } from './time/sequence-diagram.js';
import { TimeLine } from './time/time-line.js';
import { ActorTree } from './tree/actor-tree.js';

export interface AppProps {
  readonly store: PageStore;
  readonly charts: LoadedCharts;
  /** Of the package that the page is part of. */
  readonly version: string;
}

export function App({ store, charts, version }: AppProps) {
  const { actors, selected, source } = useStore(store);
  const [view, show] = useState<MiddleView>('chart');
  const [look, setLook] = useState(firstLook);
  const help = useRef<HTMLDialogElement>(null);
  const showHelp = () => help.current?.showModal();
  const panes = { left: usePane('left'), right: usePane('right'), bottom: usePane('bottom') };
  useKeys({ '?': showHelp, v: () => show((before) => (before === 'chart' ? 'swarm' : 'chart')) });

  useEffect(() => {
    if (source) document.title = `${sourceName(source)}: bittorrent-helper inspector`;
  }, [source]);

  const chosen =
    selected === undefined ? undefined : (actors.get(selected) ?? store.newest(selected));
  const chart: Chart | undefined =
    chosen?.machine === undefined ? undefined : charts.byMachine.get(chosen.machine);
  return (
    <div
      class="inspector"
      style={{ ...panes.left.style, ...panes.right.style, ...panes.bottom.style }}
    >
      <HeaderBar store={store} help={showHelp} />
      <Notices store={store} version={version} chartsError={charts.error} />
      <PaneBoundary class="tree" of={selected}>
        <ActorTree store={store} />
      </PaneBoundary>
      <Splitter side="left" label="width of the tree" resize={panes.left.resize} />
      <div class="middle">
        <SubjectBar store={store} view={view} show={show} />
        <div class="view" id="view" role="tabpanel" aria-labelledby={`view-${view}`}>
          <PaneBoundary key={view} class={view} of={selected}>
            {view === 'chart' ? (
              <ChartPane {...{ store, chart, look, setLook }} />
            ) : (
              <SwarmPane store={store} />
            )}
          </PaneBoundary>
        </div>
      </div>
      <Splitter side="right" label="width of the details" resize={panes.right.resize} />
      <aside class="side">
        <PaneBoundary class="details" of={selected}>
          <DetailsPane store={store} chart={chart} />
        </PaneBoundary>
      </aside>
      <Splitter side="bottom" label="height of the time line" resize={panes.bottom.resize} />
      <section class="below" aria-label="over time">
        <PaneBoundary class="sequence" of={selected}>
          <SequenceDiagram store={store} />
        </PaneBoundary>
        <PaneBoundary class="time-line" of={selected}>
          <TimeLine store={store} />
        </PaneBoundary>
      </section>
      <HelpDialog dialog={help} />
    </div>
  );
}

/** How large a pane was made; until then, as page.css has it. */
function usePane(side: Side) {
  const [pixels, choose] = useStoredChoice(side);
  const size = Number(pixels);
  return {
    style: size > 0 ? { [`--${side}-pane`]: `${size}px` } : {},
    resize: (to: number) => choose(String(to)),
  };
}

/** Keys that hold anywhere but where something is typed. */
function useKeys(keys: Readonly<Record<string, () => void>>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isElsewhere =
        event.target instanceof Element &&
        event.target.closest('input, textarea, select, dialog') !== null;
      if (isElsewhere || event.ctrlKey || event.metaKey || event.altKey) return;
      const act = Object.hasOwn(latest.current, event.key) ? latest.current[event.key] : undefined;
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}
