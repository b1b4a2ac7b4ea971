// @ts-check
// The command line of the benchmark.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { helperProgram } from './programs/downloaders.mjs';

/**
 * @typedef {object} Options
 * @property {readonly string[]} rows Those asked for.
 * @property {number} runs
 * @property {string} helperDist
 * @property {string | undefined} againstDist
 * @property {boolean} isOursAlone
 * @property {number | undefined} pieceBytes Of the swarms' torrents. Undefined: what the helper chooses.
 * @property {number} limitMs How long a run of a swarm may take.
 * @property {string | undefined} jsonFile
 */

/**
 * Ends the process with a line on stderr if they cannot be read.
 *
 * @param {readonly string[]} args
 * @param {{ rows: readonly string[], dist: string }} defaults All rows there are, and the build beside them.
 * @returns {Options}
 */
export function readOptions(args, defaults) {
  try {
    return parse(args, defaults);
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : thrown}\n`);
    process.exit(2);
  }
}

/**
 * @param {readonly string[]} args
 * @param {{ rows: readonly string[], dist: string }} defaults
 * @returns {Options}
 */
function parse(args, { rows, dist }) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '5' },
      helper: { type: 'string', default: dist },
      against: { type: 'string' },
      json: { type: 'string' },
      only: { type: 'string' },
      'piece-length': { type: 'string' },
      limit: { type: 'string', default: '150' },
    },
  });
  if (values.only !== undefined && values.only !== 'ours') throw new Error('--only: ours');
  const pieceLength = values['piece-length'];
  const unknown = positionals.filter((row) => !rows.includes(row));
  if (unknown.length > 0) {
    throw new Error(`no such row: ${unknown.join(' ')}; there are ${rows.join(' ')}`);
  }
  return {
    rows: positionals,
    runs: wholeNumber('--runs', values.runs),
    isOursAlone: values.only === 'ours',
    pieceBytes: pieceLength === undefined ? undefined : wholeNumber('--piece-length', pieceLength),
    limitMs: wholeNumber('--limit', values.limit) * 1000,
    helperDist: builtIn(values.helper),
    againstDist: values.against === undefined ? undefined : builtIn(values.against),
    jsonFile: values.json,
  };
}

/**
 * @param {string} option
 * @param {string} value
 */
function wholeNumber(option, value) {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${option}: a whole number from 1`);
  return number;
}

/** @param {string} dist */
function builtIn(dist) {
  if (!existsSync(helperProgram(dist))) throw new Error(`there is no built helper in ${dist}`);
  return resolve(dist);
}
