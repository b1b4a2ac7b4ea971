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

/**
 * @param {string} row
 * @param {string} name
 * @param {number} leechers
 * @param {import('../swarm.mjs').SwarmResult} result
 */
export function tellSwarm(row, name, leechers, result) {
  const { wallSeconds, firstSeconds, done, pieceBytes, complaints } = result;
  const first = done === 0 ? 'none' : `the first ${firstSeconds.toFixed(2)} s`;
  const parts = [
    leechers === 1 ? `${wallSeconds.toFixed(2)} s` : `${wallSeconds.toFixed(2)} s (${first})`,
    `${result.cpuSeconds.toFixed(2)} s CPU`,
    `seeder ${result.seederCpuSeconds.toFixed(2)} s CPU`,
    `${result.copies.toFixed(2)} copies`,
    `${pieceBytes / 1024} KiB pieces`,
    done < leechers ? `not done: ${done} of ${leechers}` : 'all done',
  ];
  tell(`${row.padEnd(13)} ${name.padEnd(10)} ${parts.join('  ')}`);
  if (complaints[0] !== undefined) tell(`  ${complaints[0]}`);
}

/** @param {string} line */
export function tell(line) {
  process.stderr.write(`${line}\n`);
}
