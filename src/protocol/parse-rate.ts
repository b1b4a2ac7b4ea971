// Rates as people write them: `500K`, `2M`, or plain bytes a second.

const unitBytes: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['K', 1024],
  ['M', 1024 ** 2],
  ['G', 1024 ** 3],
]);

/**
 * Bytes a second from a whole or decimal number with an optional K, M or G (powers of 1024, either case).
 * Undefined if it is not a rate, or less than one byte a second: a limit of nothing is not no limit.
 */
export function parseRate(rate: string | number): number | undefined {
  const [, digits, letter] = /^(\d+(?:\.\d+)?)([KMG]?)$/i.exec(String(rate)) ?? [];
  const bytes = unitBytes.get(letter?.toUpperCase() ?? '');
  if (digits === undefined || bytes === undefined) return undefined;
  const bytesPerSecond = Math.floor(Number(digits) * bytes);
  return bytesPerSecond >= 1 && Number.isSafeInteger(bytesPerSecond) ? bytesPerSecond : undefined;
}
