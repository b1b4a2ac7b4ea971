// What whoever looks has chosen once, kept by the browser for the next time, if the browser lets it.
import { useState } from 'preact/hooks';

const prefix = 'bittorrent-helper inspector: ';

/** Undefined: nothing was chosen, or the browser keeps nothing. */
export function storedChoice(name: string): string | undefined {
  try {
    return localStorage.getItem(prefix + name) ?? undefined;
  } catch {
    return undefined;
  }
}

/** What is chosen, and how to choose another; undefined stands for nothing in particular. */
export function useStoredChoice(
  name: string,
): readonly [string | undefined, (value: string | undefined) => void] {
  const [chosen, setChosen] = useState(() => storedChoice(name));
  const choose = (value: string | undefined) => {
    setChosen(value);
    try {
      if (value === undefined) localStorage.removeItem(prefix + name);
      else localStorage.setItem(prefix + name, value);
    } catch {
      // It holds for as long as the page is open.
    }
  };
  return [chosen, choose];
}
