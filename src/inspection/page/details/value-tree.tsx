// Plain data to look into: what has parts is folded, and only what is unfolded is drawn.
import { useState } from 'preact/hooks';
import type { PlainValue } from '../../told/records.js';

export interface ValueTreeProps {
  readonly name: string;
  readonly value: PlainValue;
  readonly isOpen?: boolean | undefined;
  readonly isMarked?: boolean | undefined;
}

export function ValueTree({ name, value, isOpen = false, isMarked = false }: ValueTreeProps) {
  const [isUnfolded, unfold] = useState(isOpen);
  const parts = partsOf(value);
  const look = isMarked ? 'field marked' : 'field';
  if (parts === undefined || parts.length === 0) {
    return (
      <div class={`${look} leaf`}>
        <bdi class="key">{name}</bdi> <PlainText value={value} />
      </div>
    );
  }
  return (
    <details
      class={look}
      open={isUnfolded}
      onToggle={({ currentTarget }) => unfold(currentTarget.open)}
    >
      <summary>
        <bdi class="key">{name}</bdi> {!isUnfolded && <PlainText value={value} />}
      </summary>
      {isUnfolded && parts.map(([key, part]) => <ValueTree key={key} name={key} value={part} />)}
    </details>
  );
}

/** In one line, what has parts cut short. */
export function PlainText({ value }: { readonly value: PlainValue | undefined }) {
  if (value === undefined) return <span class="value none">not there</span>;
  if (typeof value === 'string') {
    const kind = value.startsWith('→ ') ? 'actor' : 'string';
    // What runs from right to left, or says so, turns nothing around it.
    return (
      <span class={`value ${kind}`}>
        {kind === 'string' && '“'}
        <bdi>{value}</bdi>
        {kind === 'string' && '”'}
      </span>
    );
  }
  if (typeof value !== 'object' || value === null) {
    return <span class="value plain">{String(value)}</span>;
  }
  const text = JSON.stringify(value);
  return <bdi class="value parts">{text.length > 80 ? `${text.slice(0, 79)}…` : text}</bdi>;
}

function partsOf(value: PlainValue): readonly (readonly [string, PlainValue])[] | undefined {
  return typeof value === 'object' && value !== null ? Object.entries(value) : undefined;
}
