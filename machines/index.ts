// The statecharts, as they open in a visualiser. Read torrent.ts first.
export { engineMachine } from './engine.js';
export { instructionParserMachine } from './instruction-parser.js';
export { monitorMachine } from './monitor.js';
export { relocationMachine } from './relocation.js';
export { supervisorMachine } from './supervisor.js';
export { torrentMachine } from './torrent.js';
export type * from './types.js';
