// Draws the machines into ARCHITECTURE.md, between its markers. `npm run draw`, after a build.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as machines from '../dist/machines/index.js';
import { withStatecharts } from './statechart-section.mjs';

const file = join(import.meta.dirname, '..', 'ARCHITECTURE.md');
await writeFile(file, withStatecharts(await readFile(file, 'utf8'), machines));
