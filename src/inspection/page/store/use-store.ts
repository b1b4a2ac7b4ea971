// A component that shows what the store holds is drawn anew when that has changed, and not more often than the screen is.
import { useEffect, useState } from 'preact/hooks';
import type { PageStore } from './page-store.js';

export function useStore(store: PageStore): PageStore {
  const [drawn, setDrawn] = useState(store.version);
  useEffect(() => {
    let frame = 0;
    const draw = () => {
      frame = 0;
      setDrawn(store.version);
    };
    const changed = () => {
      frame ||= requestAnimationFrame(draw);
    };
    const unsubscribe = store.subscribe(changed);
    // It may have changed between the drawing and now.
    if (store.version !== drawn) changed();
    return () => {
      unsubscribe();
      cancelAnimationFrame(frame);
    };
  }, [store]);
  return store;
}
