// Finds the engine's file. It lies where the build has put it, but a program that was bundled has left that behind: then it is
// looked for beside the program, and in the package as it is installed there. One of another version is not taken.
import { readFileSync, statSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { HelperError, systemCode } from '../../errors.js';
import { builtEngineUrl, ownUrl } from './own-url.js';

declare const HELPER_VERSION: string | undefined;

/** The build's last line of it. Undefined in sources: any is taken then. */
const version = typeof HELPER_VERSION === 'string' ? HELPER_VERSION : undefined;

const fileName = 'engine-worker.cjs';
const specifier = 'bittorrent-helper/engine-worker';

export interface Places {
  /** The file of this code, or of the program that it was bundled into. */
  readonly program: string | undefined;
  /** Where the file lies as it was built. */
  readonly built: URL | undefined;
  readonly version: string | undefined;
}

/** `given`: by the user; it is looked for nowhere else then. Throws OPTION_INVALID, or ENGINE_NOT_FOUND. */
export function findEngine(
  given?: URL,
  { program, built, version: wanted }: Places = {
    program: ownUrl,
    built: builtEngineUrl,
    version,
  },
): URL {
  if (given !== undefined) {
    const flaw = flawOf(given, wanted);
    if (flaw === undefined) return given;
    throw new HelperError('OPTION_INVALID', `engineWorkerUrl ${given.href} ${flaw}`);
  }
  const flaws: string[] = [];
  // What was built together needs no look into it.
  const flawOfBuilt = built && flawOf(built, undefined);
  if (built && flawOfBuilt === undefined) return built;
  for (const url of program === undefined
    ? []
    : [new URL(fileName, program), ...installed(program)]) {
    const flaw = flawOf(url, wanted);
    if (flaw === undefined) return url;
    flaws.push(`${fileURLToPath(url)} ${flaw}`);
  }
  throw new HelperError(
    'ENGINE_NOT_FOUND',
    `${flaws.join(', and ') || `where ${fileName} lies is unknown`}: copy ${specifier} of the package there, or say by engineWorkerUrl where it is (docs/embedding.md)`,
  );
}

/** The package may lie in a node_modules above the program. */
function installed(program: string): readonly URL[] {
  try {
    // As a property: a bundler would take the name for a promise to know what is required.
    return [pathToFileURL(nodeModule.createRequire(program).resolve(specifier))];
  } catch {
    return [];
  }
}

/** Undefined: this is the one. */
function flawOf(url: URL, wanted: string | undefined): string | undefined {
  try {
    // A FIFO would have to be waited for.
    if (!statSync(url).isFile()) return 'is no file';
    if (wanted === undefined) return undefined;
    const isOurs = readFileSync(url).includes(`bittorrentHelperEngine="${wanted}"`);
    return isOurs ? undefined : `is not the engine of bittorrent-helper ${wanted}`;
  } catch (error) {
    const code = systemCode(error);
    return code === 'ENOENT' ? 'is not there' : `cannot be read (${code ?? String(error)})`;
  }
}
