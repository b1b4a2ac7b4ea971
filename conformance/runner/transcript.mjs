// A transcript: a head that says what it is about, and a step a line. Lines that begin with # are for people.
import { readdirSync, readFileSync } from 'node:fs';

/**
 * @typedef {{ readonly number: number, readonly step: Record<string, any> }} Step
 * @typedef {{ readonly name: string, readonly head: Record<string, any>, readonly steps: readonly Step[] }} Transcript
 */

/**
 * @param {URL} folder
 * @param {string} only a part of the names of those that are wanted
 * @returns {readonly Transcript[]}
 */
export function readTranscripts(folder, only = '') {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl') && name.includes(only))
    .sort()
    .map((name) =>
      parse(name.replace(/\.jsonl$/, ''), readFileSync(new URL(name, folder), 'utf8')),
    );
}

function parse(name, text) {
  const lines = text
    .split('\n')
    .map((line, index) => ({ number: index + 1, line }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'));
  const steps = lines.map(({ number, line }) => {
    try {
      return { number, step: JSON.parse(line) };
    } catch (error) {
      throw new Error(`${name}.jsonl:${number}: ${error.message}`);
    }
  });
  const [{ step: head }, ...rest] = steps;
  return { name, head, steps: rest };
}
