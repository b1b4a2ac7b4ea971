// The event of a step: what it was, from whom, when, and what it carried.
import { clockText } from '../steps/clock-text.js';
import type { ActorName } from '../steps/step-index.js';
import { actorName } from '../store/actor-label.js';
import type { Step } from '../store/page-store.js';
import { ValueTree } from './value-tree.js';

export interface StepEventProps {
  readonly step: Step;
  /** It is the newest that has happened at this position. */
  readonly isCurrent: boolean;
  readonly names: ReadonlyMap<number, ActorName>;
  onGo(): void;
  onSelect(actor: number): void;
}

export function StepEvent({ step: { record }, isCurrent, names, onGo, onSelect }: StepEventProps) {
  const isMade = record.type === 'actor';
  const from = isMade ? record.parent : record.from;
  const { type, ...payload } = isMade ? { type: 'made' } : record.event;
  const times = isMade ? 1 : (record.times ?? 1);
  return (
    <section class={isCurrent ? 'event current' : 'event'} aria-label="the event">
      <button type="button" class="name" title="go to this event" onClick={onGo}>
        {type}
      </button>
      {times > 1 && <span class="times"> ×{times}</span>}
      <div class="quiet">
        {clockText(record.timeMs)} · no. {record.seq}
        {from !== undefined && from !== record.actor && (
          <>
            {isMade ? ' · by ' : ' · from '}
            <button type="button" class="link" onClick={() => onSelect(from)}>
              {nameOf(names.get(from)) ?? `actor ${from}`}
            </button>
          </>
        )}
      </div>
      {Object.entries(payload).map(([name, value]) => (
        <ValueTree key={name} name={name} value={value} isOpen />
      ))}
    </section>
  );
}

function nameOf(name: ActorName | undefined): string | undefined {
  return name && actorName(name);
}
