// Tells when heartbeats stop. It counts its own checks and never reads a clock: a process that was stopped for a minute,
// or a laptop that slept, has checked no oftener than there could be a beat.
import type { Heartbeat } from '../heartbeat.js';

export interface WatchdogOptions {
  readonly checkEveryMs: number;
  /** So many checks in a row without a beat between them. */
  readonly mostMissedChecks: number;
  /** Called once. */
  readonly onTimeout: () => void;
}

/** Returns the way to stop watching. */
export function startWatchdog(
  heartbeat: Pick<Heartbeat, 'beats'>,
  { checkEveryMs, mostMissedChecks, onTimeout }: WatchdogOptions,
): () => void {
  let beats = heartbeat.beats;
  let missedChecks = 0;
  const timer = setInterval(() => {
    missedChecks = heartbeat.beats === beats ? missedChecks + 1 : 0;
    beats = heartbeat.beats;
    if (missedChecks < mostMissedChecks) return;
    clearInterval(timer);
    onTimeout();
  }, checkEveryMs).unref();
  return () => clearInterval(timer);
}
