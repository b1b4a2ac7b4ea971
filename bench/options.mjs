// @ts-check
// The command line of the benchmark.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { helperProgram } from './downloaders.mjs';

/**
 * @typedef {object} Options
 * @property {readonly string[]} rows
 * @property {number} runs
 * @property {string} helperDist
 * @property {string | undefined} againstDist
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
    },
  });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs: a whole number from 1');
  const unknown = positionals.filter((row) => !rows.includes(row));
  if (unknown.length > 0) {
    throw new Error(`no such row: ${unknown.join(' ')}; there are ${rows.join(' ')}`);
  }
  return {
    rows: positionals.length > 0 ? positionals : rows,
    runs,
    helperDist: builtIn(values.helper),
    againstDist: values.against === undefined ? undefined : builtIn(values.against),
    jsonFile: values.json,
  };
}

/** @param {string} dist */
function builtIn(dist) {
  if (!existsSync(helperProgram(dist))) throw new Error(`there is no built helper in ${dist}`);
  return resolve(dist);
}
