// The index of a store's steps, in a component: as it is when the component is drawn.
import { useRef } from 'preact/hooks';
import type { Step } from '../store/page-store.js';
import { StepIndex } from './step-index.js';

export function useStepIndex(steps: readonly Step[]): StepIndex {
  const index = useRef<StepIndex>(null);
  index.current ??= new StepIndex();
  index.current.keepUp(steps);
  return index.current;
}
