// All that is known, over time: how much happened when, and where in it the page stands. Whoever moves along it sees everything as
// it was then.
import { useEffect, useRef, useState } from 'preact/hooks';
import { clockText, spanText } from '../steps/clock-text.js';
import { useStepIndex } from '../steps/use-step-index.js';
import type { PageStore } from '../store/page-store.js';
import { useStore } from '../store/use-store.js';
import {
  barsPath,
  densityOf,
  placeOf,
  positionAt,
  showing,
  type TimeSpan,
  ticksOf,
  timeAt,
  wholeSpan,
  zoomedSpan,
} from './time-span.js';
import { usePlayback } from './use-playback.js';
import { useSize } from './use-size.js';
import { useTimeKeys } from './use-time-keys.js';

const barWidth = 3;

export function TimeLine({ store }: { readonly store: PageStore }) {
  const { steps, position, selected, isFollowing, current } = useStore(store);
  const index = useStepIndex(steps);
  const [speed, setSpeed] = usePlayback(store);
  const [zoom, setZoom] = useState<TimeSpan>();
  const slider = useRef<HTMLDivElement>(null);
  const { width } = useSize(slider);
  const own = selected === undefined ? [] : index.of(selected);
  const toggle = () => {
    if (speed > 0) setSpeed(0);
    else if (isFollowing) store.seek(position);
    else store.follow();
  };
  useTimeKeys(store, () => own, toggle);

  const whole = wholeSpan(steps);
  const headMs = current?.record.timeMs ?? whole.fromMs;
  const span = zoom ? showing(zoom, headMs, whole) : whole;
  const timeOfStep = (step: number) => index.timesMs[step] ?? whole.toMs;
  const parts = Math.max(1, Math.floor(width / barWidth));
  const all = densityOf(steps.length, timeOfStep, span, parts);
  const ownOnes = densityOf(own.length, (order) => timeOfStep(own[order] ?? 0), span, parts);
  const head = placeOf(headMs, span, width);

  const timeUnder = ({ clientX }: MouseEvent) => {
    const left = slider.current?.getBoundingClientRect().left ?? 0;
    return timeAt(clientX - left, span, width);
  };
  const seek = (event: MouseEvent) => store.seek(positionAt(steps, timeUnder(event)));
  useEffect(() => {
    const element = slider.current;
    const onWheel = (event: WheelEvent) => {
      // By preact it would be passive, and the page would scroll too.
      event.preventDefault();
      const next = zoomedSpan(span, event.deltaY > 0 ? 1.25 : 0.8, timeUnder(event), whole);
      setZoom(next.toMs - next.fromMs >= whole.toMs - whole.fromMs ? undefined : next);
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  });

  return (
    <section class="time-line" aria-label="time line">
      <div class="controls">
        <TimeButton label="one event back (←)" text="‹" onClick={() => store.seek(position - 1)} />
        <TimeButton label="one event on (→)" text="›" onClick={() => store.seek(position + 1)} />
        {[1, 10].map((each) => (
          <TimeButton
            key={each}
            label={`play at ${each === 1 ? 'the speed it had' : `${each} times the speed`}`}
            text={`▶${each}×`}
            isOn={speed === each}
            onClick={() => setSpeed(speed === each ? 0 : each)}
          />
        ))}
        <TimeButton
          label={store.isOver ? 'to the end (space)' : 'live: follow (space)'}
          text={store.isOver ? 'end' : 'live'}
          isOn={isFollowing}
          onClick={toggle}
        />
        <output class="now">
          {current ? clockText(headMs) : '–'}
          <small>
            {position} of {steps.length}
          </small>
        </output>
      </div>
      <div
        ref={slider}
        class="scale"
        role="slider"
        tabIndex={0}
        aria-label="time"
        title="All events, and those of who is looked at: drag to move in time, turn the wheel to zoom, click twice to see all"
        aria-valuemin={0}
        aria-valuemax={steps.length}
        aria-valuenow={position}
        aria-valuetext={`${clockText(headMs)}, event ${position} of ${steps.length}`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          seek(event);
        }}
        onPointerMove={(event) => event.buttons === 1 && seek(event)}
        onDblClick={() => setZoom(undefined)}
      >
        <svg width={width} height={60} aria-hidden="true">
          {ticksOf(span, width).map(({ timeMs, label }) => (
            <g key={timeMs} transform={`translate(${placeOf(timeMs, span, width).toFixed(1)} 0)`}>
              <path class="tick" d="M0 0v46" />
              {placeOf(timeMs, span, width) < width - 70 && (
                <text class="tick-label" x={3} y={55}>
                  {label}
                </text>
              )}
            </g>
          ))}
          <path class="bars all" d={barsPath(all, barWidth, 24, 22)} />
          <path class="bars own" d={barsPath(ownOnes, barWidth, 45, 17)} />
          <path class="head" d={`M${head.toFixed(1)} 0v46m-4-46h8l-4 5z`} />
        </svg>
      </div>
      {zoom && (
        <button type="button" class="zoom" title="see all" onClick={() => setZoom(undefined)}>
          {spanText(span.toMs - span.fromMs)} ×
        </button>
      )}
    </section>
  );
}

interface TimeButtonProps {
  readonly label: string;
  readonly text: string;
  readonly isOn?: boolean;
  onClick(): void;
}

function TimeButton({ label, text, isOn, onClick }: TimeButtonProps) {
  return (
    <button type="button" title={label} aria-label={label} aria-pressed={isOn} onClick={onClick}>
      {text}
    </button>
  );
}
