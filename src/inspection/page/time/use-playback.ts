// Plays the steps, frame by frame, until they are over or its user goes elsewhere.
import { useEffect, useState } from 'preact/hooks';
import type { PageStore } from '../store/page-store.js';
import { played, playedFrom } from './playback.js';

/** The speed, 0 where nothing is played, and how to set it. */
export function usePlayback(store: PageStore): readonly [number, (speed: number) => void] {
  const [speed, setSpeed] = useState(0);
  useEffect(() => {
    if (speed === 0) return undefined;
    let state = playedFrom(store.steps, store.position);
    let lastMs = performance.now();
    let frame = 0;
    const play = (nowMs: number) => {
      // Someone went elsewhere, or the oldest steps are gone.
      if (store.position !== state.position) state = playedFrom(store.steps, store.position);
      const next = played(store.steps, state, nowMs - lastMs, speed);
      lastMs = nowMs;
      if (next === undefined || store.isFollowing) {
        setSpeed(0);
        return;
      }
      if (next.position !== state.position) store.seek(next.position);
      state = next;
      frame = requestAnimationFrame(play);
    };
    store.seek(store.position);
    frame = requestAnimationFrame(play);
    return () => cancelAnimationFrame(frame);
  }, [store, speed]);
  return [speed, setSpeed];
}
