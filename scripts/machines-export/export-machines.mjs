// The machines as files for others: for an editor of statecharts, and for whatever reads XState's JSON.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadSource } from '../schema/load-source.mjs';
import { literalConfig } from './literal-config.mjs';

/**
 * @param {string} folder
 * @param {Readonly<Record<string, (machine: import('xstate').AnyStateMachine) => string>>} kinds texts, by the ends of their files' names
 * @returns {Promise<number>} of how many machines
 */
export async function exportMachines(folder, kinds) {
  const machines = Object.values(await loadSource('machines/index.ts'));
  await mkdir(folder, { recursive: true });
  for (const machine of machines) {
    const name = machine.id.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    for (const [kind, textOf] of Object.entries(kinds)) {
      await writeFile(join(folder, `${name}.${kind}`), textOf(machine));
    }
  }
  return machines.length;
}

export function machineJson(machine) {
  return `${JSON.stringify(literalConfig(machine), null, 2)}\n`;
}
