// @ts-check
// What goes on meanwhile, on stderr: the table alone is on stdout.

/**
 * @param {string} row
 * @param {string} name
 * @param {import('./measure.mjs').Measurement} result
 */
export function tellRun(row, name, { wallMs, cpuSeconds, peakBytes }) {
  const wall = `${(wallMs / 1000).toFixed(2)} s`.padStart(9);
  const cpu = `${cpuSeconds.toFixed(2)} s CPU`.padStart(13);
  const peak = `${(peakBytes / 2 ** 20).toFixed(0)} MiB`.padStart(9);
  tell(`${row.padEnd(11)} ${name.padEnd(16)} ${wall} ${cpu} ${peak}`);
}

/** @param {string} line */
export function tell(line) {
  process.stderr.write(`${line}\n`);
}
