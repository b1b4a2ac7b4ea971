// What the actor that is looked at was told last, what that led to, and what of it is another now.
import type { Chart } from '../../charts/chart.js';
import type { ActorState } from '../../told/actor-state.js';
import type { PlainFields } from '../../told/records.js';
import { countBelow } from '../steps/step-index.js';
import { useStepIndex } from '../steps/use-step-index.js';
import { actorName } from '../store/actor-label.js';
import type { PageStore, Step } from '../store/page-store.js';
import { statePaths } from '../store/state-paths.js';
import { useStore } from '../store/use-store.js';
import { fieldChanges } from './field-changes.js';
import { PathTestButton } from './path-test-button.js';
import { StepEvent } from './step-event.js';
import { StepTransitions } from './step-transitions.js';
import { PlainText, ValueTree } from './value-tree.js';

export interface DetailsPaneProps {
  readonly store: PageStore;
  readonly chart: Chart | undefined;
}

export function DetailsPane({ store, chart }: DetailsPaneProps) {
  const { selected, steps, position, actors } = useStore(store);
  const index = useStepIndex(steps);
  if (selected === undefined) {
    return (
      <section class="details" aria-label="details">
        <p class="quiet">Choose an actor on the left to see what it is told.</p>
      </section>
    );
  }
  const own = index.of(selected);
  const count = countBelow(own, position);
  const shown = own[count - 1];
  const step = shown === undefined ? undefined : steps[shown];
  const actor = actors.get(selected);
  const name = actor ?? index.names.get(selected);
  const isCurrent = shown === position - 1;
  const go = (index: number | undefined) => index !== undefined && store.seek(index + 1);
  return (
    <section class="details" aria-label="details">
      <header>
        <h2 title={name?.id}>{name ? actorName(name) : 'an actor'}</h2>
        <span class="quiet">{name?.machine ?? name?.src}</span>
        <span class="steps">
          <button
            type="button"
            title="the event before (Shift ←)"
            aria-label="the event before"
            disabled={own[isCurrent ? count - 2 : count - 1] === undefined}
            onClick={() => go(own[isCurrent ? count - 2 : count - 1])}
          >
            ‹
          </button>
          <span class="quiet">
            {count} of {own.length}
          </span>
          <button
            type="button"
            title="the next event (Shift →)"
            aria-label="the next event"
            disabled={own[count] === undefined}
            onClick={() => go(own[count])}
          >
            ›
          </button>
        </span>
      </header>
      {actor === undefined ? (
        <p class="quiet">It is not there at this time.</p>
      ) : (
        <ActorNow actor={actor} />
      )}
      {actor?.machine !== undefined && (
        <PathTestButton
          actor={selected}
          stepsOf={() => own.slice(0, count).flatMap((each) => steps[each] ?? [])}
        />
      )}
      {step && (
        <>
          <StepEvent
            step={step}
            isCurrent={isCurrent}
            names={index.names}
            onGo={() => go(shown)}
            onSelect={(who) => store.select(who)}
          />
          <StepTransitions step={step} chart={chart} />
          <Changes step={step} />
        </>
      )}
      {actor && <Context context={actor.context} changed={changedIn(step)} />}
    </section>
  );
}

function ActorNow({ actor: { value, status, result } }: { readonly actor: ActorState }) {
  const paths = statePaths(value);
  return (
    <div class="now">
      {paths.map((path) => (
        <strong key={path}>{path}</strong>
      ))}
      {status !== 'active' && <span class={`status ${status}`}>{statusNames[status]}</span>}
      {result !== undefined && (
        <ValueTree name={status === 'error' ? 'failure' : 'result'} value={result} isOpen />
      )}
    </div>
  );
}

const statusNames = { done: 'ended', error: 'failed', stopped: 'stopped' } as const;

function changedIn(step: Step | undefined): PlainFields {
  return step?.record.type === 'transition' ? step.record.changed : {};
}

function Changes({ step: { record, before, after } }: { readonly step: Step }) {
  const isMade = record.type === 'actor';
  const changes = isMade ? [] : fieldChanges(before?.context ?? {}, after?.context ?? {});
  if (changes.length === 0) return null;
  return (
    <section class="changes" aria-label="changes of the context">
      <h3>Changed</h3>
      <dl>
        {changes.map(({ path, before: old, after: now }) => (
          <div key={path}>
            <dt>{path}</dt>
            <dd>
              <del>
                <PlainText value={old} />
              </del>{' '}
              →{' '}
              <ins>
                <PlainText value={now} />
              </ins>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

interface ContextProps {
  readonly context: PlainFields;
  readonly changed: PlainFields;
}

function Context({ context, changed }: ContextProps) {
  const fields = Object.entries(context);
  if (fields.length === 0) return null;
  return (
    <details class="context" open>
      <summary>Context</summary>
      {fields.map(([name, value]) => (
        <ValueTree key={name} name={name} value={value} isMarked={Object.hasOwn(changed, name)} />
      ))}
    </details>
  );
}
