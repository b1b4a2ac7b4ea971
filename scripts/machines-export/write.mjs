// Writes each machine as one literal file and as XState JSON: `npm run machines:export [folder]`, by default machines-export/.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { exportMachines, machineJson } from './export-machines.mjs';
import { machineFile } from './machine-file.mjs';

const folder = resolve(process.argv[2] ?? 'machines-export');
const packageFile = join(import.meta.dirname, '../../package.json');

const { version } = JSON.parse(await readFile(packageFile, 'utf8'));
const ts = (machine) => machineFile(machine, version);
const count = await exportMachines(folder, { ts, json: machineJson });
process.stdout.write(`${count} machines, as .ts and .json, in ${folder}\n`);
