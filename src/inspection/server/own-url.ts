// Where the build has put the page's files, seen from where this code lies. A file of its own, because vitest.config.ts puts another
// in its place where sources are tested.
import { pathToFileURL } from 'node:url';

/** The file of this code, or of the program that it was bundled into. In a script there is no `import.meta.url`. */
export const inspectorCodeUrl: string = import.meta.url ?? pathToFileURL(__filename).href;

export const builtPageUrl = new URL('../inspector/', inspectorCodeUrl);
