// Runs one of our own bundles, a CommonJS file, with the code that V8 made of it at an earlier start, and saves that code
// for the next one. Never in the way: whatever is wrong with the cache, the file is run as it stands, without a word.
import { readFileSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import { arch, version } from 'node:process';
import { pathToFileURL } from 'node:url';
import { cachedDataVersionTag } from 'node:v8';
import { Script } from 'node:vm';
import { builtinModule } from './builtin-module.js';
import { type CodeFile, codeFile } from './code-file.js';

/** When the start is over, and what it ran has been compiled; later ones only if the state directory was not there yet. */
const saveAfterMs = [500, 2_000, 8_000];
/** By then most of what a helper does has been done once. */
const lookAgainAfterMs = 30_000;
/** So much more code is worth another write. */
const worthwhileGrowth = 1.1;

type Program = (
  exports: unknown,
  require: (id: string) => unknown,
  module: { exports: unknown },
  filename: string,
  dirname: string,
  url: string,
) => void;

/**
 * `folder`: where the cache lies; undefined: there is none. Bundles that this one requires by a relative path are run
 * likewise; what else it requires is Node's own. In a bundle `__moduleUrl` stands for `import.meta.url`.
 */
export function createRunner(folder: string | undefined): (path: string) => unknown {
  const modules = new Map<string, { exports: unknown }>();
  const run = (path: string): unknown => {
    const known = modules.get(path);
    if (known) return known.exports;
    const module: { exports: unknown } = { exports: {} };
    modules.set(path, module);
    const require = (id: string) => {
      if (id.startsWith('.')) return run(join(dirname(path), id));
      const found = builtinModule(id);
      if (found === undefined)
        throw new Error(`a bundle requires ${id}, which is not of Node's own`);
      return found;
    };
    const program: Program = compile(path, folder).runInThisContext();
    const url = pathToFileURL(path).href;
    program.call(module.exports, module.exports, require, module, path, dirname(path), url);
    return module.exports;
  };
  return run;
}

/** `cachedDataVersionTag`: by this number V8 says what else its code depends on: its own version, the processor, and the flags. */
function compile(path: string, folder: string | undefined): Script {
  const source = readFileSync(path);
  // On one line with the first of the source, so that a stack names the lines of the file.
  const code = `(function (exports, require, module, __filename, __dirname, __moduleUrl) { ${source}\n})`;
  if (folder === undefined) return new Script(code, { filename: path });
  const tag = cachedDataVersionTag();
  const file = codeFile(
    folder,
    `${parse(path).name}-${version}-${arch}-${tag.toString(16)}`,
    source,
  );
  const cachedData = file.read();
  const script = new Script(code, { filename: path, ...(cachedData && { cachedData }) });
  const isUsed = cachedData !== undefined && script.cachedDataRejected === false;
  // Under other flags the next start would not take it.
  const isOfUse = () => cachedDataVersionTag() === tag;
  saveLater(script, file, isUsed ? cachedData.length : 0, isOfUse);
  return script;
}

function saveLater(
  script: Script,
  file: CodeFile,
  takenBytes: number,
  isOfUse: () => boolean,
): void {
  let savedBytes = takenBytes;
  const save = async () => {
    if (!isOfUse()) return;
    const cache = script.createCachedData();
    if (cache.length < savedBytes * worthwhileGrowth) return;
    await file.write(cache);
    savedBytes = cache.length;
  };
  const trySave = () => void save().catch(() => {});
  for (const afterMs of takenBytes === 0 ? saveAfterMs : []) {
    setTimeout(() => savedBytes === 0 && trySave(), afterMs).unref();
  }
  setTimeout(trySave, lookAgainAfterMs).unref();
}
