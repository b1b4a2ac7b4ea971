// When something was, as a reader of this page writes it.

/** `18:55:44.640`, of the day where the page is looked at. */
export function clockText(timeMs: number, digits: 0 | 3 = 3): string {
  const date = new Date(timeMs);
  if (Number.isNaN(date.getTime())) return '–';
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()];
  const clock = [hours, minutes, seconds].map((part) => String(part).padStart(2, '0')).join(':');
  return digits === 0 ? clock : `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** `+12 ms`, `1.5 s`, `3 min`. */
export function spanText(spanMs: number): string {
  if (spanMs < 1_000) return `${Math.round(spanMs)} ms`;
  if (spanMs < 60_000) return `${Number((spanMs / 1_000).toFixed(1))} s`;
  return spanMs < 3_600_000
    ? `${Number((spanMs / 60_000).toFixed(1))} min`
    : `${Number((spanMs / 3_600_000).toFixed(1))} h`;
}
