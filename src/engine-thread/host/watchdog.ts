// Tells when a heart has stopped. It counts its own looks and never reads a clock: a process that was stopped for a
// minute, or a laptop that slept, has looked no oftener than the heart could beat.
import type { Heartbeat } from '../heartbeat.js';

export interface WatchOptions {
  readonly lookEveryMs: number;
  /** So many looks in a row without a beat between them. */
  readonly mostSilentLooks: number;
  /** Called once. */
  readonly onSilence: () => void;
}

/** Returns the way to stop watching. */
export function startWatchdog(
  heartbeat: Pick<Heartbeat, 'beats'>,
  { lookEveryMs, mostSilentLooks, onSilence }: WatchOptions,
): () => void {
  let beats = heartbeat.beats;
  let silentLooks = 0;
  const timer = setInterval(() => {
    silentLooks = heartbeat.beats === beats ? silentLooks + 1 : 0;
    beats = heartbeat.beats;
    if (silentLooks < mostSilentLooks) return;
    clearInterval(timer);
    onSilence();
  }, lookEveryMs).unref();
  return () => clearInterval(timer);
}
