// Numbers as people read them: of one kind of the same width, and never more precise than anybody needs.

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

export function shownBytes(bytes: number): string {
  let [amount, unit] = [bytes, 0];
  // What would be rounded up to 1024 is one of the next.
  for (; amount >= 1023.5 && unit < units.length - 1; unit += 1) amount /= 1024;
  const digits = unit === 0 || amount >= 99.95 ? 0 : 1;
  return `${amount.toFixed(digits)} ${units[unit]}`;
}

/** Nothing where there is nothing, so that what moves is seen. */
export function shownIfAny(bytes: number): string {
  return bytes > 0 ? shownBytes(bytes) : '';
}

export function shownSpan(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}

/** Whole percents, and 100 only where nothing is missing. */
export function shownShare(part: number, whole: number): string {
  return `${whole > 0 ? Math.floor((part / whole) * 100) : 0} %`;
}

export function shownCount(count: number): string {
  return count.toLocaleString('en');
}
