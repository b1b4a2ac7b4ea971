// From a click to a test: the way that the actor took to where it is, as the text of a test, in the clipboard and to look at.
import { useEffect, useState } from 'preact/hooks';
import { type MachineTest, machineTest } from '../path-test/machine-test.js';
import type { Step } from '../store/page-store.js';

export interface PathTestButtonProps {
  readonly actor: number;
  /** Its own, up to where the test is to end. */
  stepsOf(): readonly Step[];
}

interface Made {
  readonly test: MachineTest;
  readonly isCopied: boolean;
}

export function PathTestButton({ actor, stepsOf }: PathTestButtonProps) {
  const [made, setMade] = useState<Made>();
  const make = async () => {
    const test = machineTest(stepsOf(), actor);
    setMade({ test, isCopied: 'text' in test && (await isCopied(test.text)) });
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
      if (event.key === 't' && isPlain && !isWritten(event.target)) void make();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
  useEffect(() => setMade(undefined), [actor]);
  return (
    <div class="path-test">
      <button type="button" title="the way to here, as a test of the machine (t)" onClick={make}>
        Copy as a test
      </button>
      {made && (
        <button type="button" aria-label="close the test" onClick={() => setMade(undefined)}>
          ×
        </button>
      )}
      {made && <output>{sayingOf(made)}</output>}
      {made && 'text' in made.test && (
        <textarea readOnly rows={12} aria-label="the test" spellcheck={false} wrap="off">
          {made.test.text}
        </textarea>
      )}
    </div>
  );
}

function sayingOf({ test, isCopied }: Made): string {
  if ('refusal' in test) return test.refusal;
  const lines = test.text.split('\n').length - 1;
  return isCopied ? `Copied, ${lines} lines.` : 'The browser allows no copying: here it is.';
}

async function isCopied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function isWritten(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, dialog') !== null;
}
