// Who told whom what: a column an actor, a row an event. Only the rows in view are drawn, of however many there are.
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { countBelow } from '../steps/step-index.js';
import { useStepIndex } from '../steps/use-step-index.js';
import type { PageStore } from '../store/page-store.js';
import { useStore } from '../store/use-store.js';
import { SequenceEvent } from './sequence/sequence-event.js';
import { SequenceRows } from './sequence/sequence-rows.js';
import { useSize } from './use-size.js';

const rowHeight = 18;
const headHeight = 20;
/** The time stands there. */
const gutter = 84;

export function SequenceDiagram({ store }: { readonly store: PageStore }) {
  const { steps, position, selected } = useStore(store);
  const stepIndex = useStepIndex(steps);
  const [isOfAll, setOfAll] = useState(false);
  const [hasReports, setReports] = useState(false);
  const [hasInternals, setInternals] = useState(true);
  const scroller = useRef<HTMLDivElement>(null);
  const topOf = useRef(0);
  const [top, setTop] = useState(0);
  const { width, height } = useSize(scroller);

  const actor = isOfAll ? undefined : selected;
  const first = steps[0];
  // What is no longer known begins anew.
  const sequence = useMemo(
    () =>
      new SequenceRows(
        { actor, hasReports, hasInternals },
        (who) => stepIndex.names.get(who) ?? store.actors.get(who),
      ),
    [store, stepIndex, actor, hasReports, hasInternals, first],
  );
  sequence.keepUp(steps);
  const { rows, columns } = sequence;
  const current = countBelow(rows, position) - 1;

  useLayoutEffect(() => {
    const rowTop = Math.max(0, current) * rowHeight;
    const room = height - headHeight - rowHeight;
    // What is known of it is used, as asking it would lay out the page.
    const wanted = Math.max(Math.min(topOf.current, rowTop), rowTop - room);
    if (scroller.current === null || wanted === topOf.current || room < 0) return;
    scroller.current.scrollTop = wanted;
    topOf.current = wanted;
    setTop(wanted);
  }, [current, sequence, height]);

  const columnWidth = (width - gutter) / Math.max(1, columns.length);
  const middleOf = (column: number) => gutter + (column + 0.5) * columnWidth;
  const leftOf = (who: number | undefined) => {
    const key = who === undefined ? undefined : sequence.columnOf(who);
    const column = columns.findIndex((each) => each.key === key);
    return column < 0 ? undefined : middleOf(column);
  };
  const onScroll = ({ currentTarget }: { readonly currentTarget: HTMLElement }) => {
    topOf.current = currentTarget.scrollTop;
    setTop(topOf.current);
  };
  const from = Math.max(0, Math.floor(top / rowHeight) - 4);
  const shown = rows.slice(from, from + Math.ceil(height / rowHeight) + 8);

  // Down to the end of the rows, or of the pane.
  const lifelineHeight = Math.max(shown.length * rowHeight, height - headHeight);

  return (
    <section class="sequence" aria-label="sequence of events">
      <div class="rows" ref={scroller} onScroll={onScroll}>
        <div class="heads" style={{ paddingLeft: `${gutter}px` }}>
          {columns.map(({ key, label, actor: who }) => (
            <button
              key={key}
              type="button"
              disabled={who === undefined}
              title={label}
              aria-current={who !== undefined && who === selected ? 'true' : undefined}
              onClick={() => store.select(who)}
            >
              {label}
            </button>
          ))}
        </div>
        <div
          class="events"
          style={{ height: `${Math.max(rows.length * rowHeight, height - headHeight)}px` }}
        >
          <svg
            class="lifelines"
            style={{ top: `${from * rowHeight}px` }}
            width={width}
            height={lifelineHeight}
            aria-hidden="true"
          >
            <path
              d={columns.map((_, column) => `M${middleOf(column)} 0v${lifelineHeight}`).join('')}
            />
          </svg>
          {shown.map((index, offset) => {
            const step = steps[index];
            if (step === undefined) return null;
            const { record } = step;
            return (
              <SequenceEvent
                key={record.seq}
                step={step}
                top={(from + offset) * rowHeight}
                height={rowHeight}
                width={width}
                from={leftOf(record.type === 'actor' ? record.parent : record.from)}
                to={leftOf(record.actor)}
                isCurrent={from + offset === current}
                isAhead={index >= position}
                onGo={() => store.seek(index + 1)}
              />
            );
          })}
        </div>
      </div>
      <form class="filters">
        <Filter label="all actors" isOn={isOfAll} set={setOfAll} />
        <Filter label="reports" isOn={hasReports} set={setReports} />
        <Filter label="xstate.*" isOn={hasInternals} set={setInternals} />
        <output>{rows.length} events</output>
      </form>
    </section>
  );
}

interface FilterProps {
  readonly label: string;
  readonly isOn: boolean;
  set(isOn: boolean): void;
}

function Filter({ label, isOn, set }: FilterProps) {
  return (
    <label>
      <input
        type="checkbox"
        checked={isOn}
        onChange={({ currentTarget }) => set(currentTarget.checked)}
      />{' '}
      {label}
    </label>
  );
}
