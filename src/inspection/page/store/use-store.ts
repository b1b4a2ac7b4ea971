// A component that shows what the store holds is drawn anew when that has changed, and not more often than the screen is.
import { useEffect, useState } from 'preact/hooks';
import type { PageStore } from './page-store.js';

export function useStore(store: PageStore): PageStore {
  const [, setVersion] = useState(store.version);
  useEffect(() => {
    let frame = 0;
    const draw = () => {
      frame = 0;
      setVersion(store.version);
    };
    const unsubscribe = store.subscribe(() => {
      frame ||= requestAnimationFrame(draw);
    });
    return () => {
      unsubscribe();
      cancelAnimationFrame(frame);
    };
  }, [store]);
  return store;
}
