// Writes each machine as one literal file and as XState JSON: `npm run machines:export [folder]`, by default machines-export/.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { loadSource } from '../schema/load-source.mjs';
import { literalConfig } from './literal-config.mjs';
import { machineFile } from './machine-file.mjs';

const root = join(import.meta.dirname, '../..');
const folder = resolve(process.argv[2] ?? 'machines-export');

const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const machines = Object.values(await loadSource('machines/index.ts'));
await mkdir(folder, { recursive: true });
for (const machine of machines) {
  const name = machine.id.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const json = `${JSON.stringify(literalConfig(machine), null, 2)}\n`;
  await writeFile(join(folder, `${name}.ts`), machineFile(machine, version));
  await writeFile(join(folder, `${name}.json`), json);
}
process.stdout.write(`${machines.length} machines, as .ts and .json, in ${basename(folder)}/\n`);
