// The public types, each entry's in one file: of what the compiler emits, the declarations that the public ones lead to,
// and no others. What the helper is made of is no business of those who install it.
//
// Our own, because those that there are (rollup-plugin-dts, API Extractor, dts-bundle-generator) ask for the API of an
// older compiler, beside ours; and this need not know TypeScript, but what our compiler writes: one statement after
// another, each of which begins at the start of a line. What it does not know, it refuses.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const publicTypes = {
  index: 'src/index.ts',
  client: 'src/client/index.ts',
  inspector: 'src/inspection/index.ts',
  machines: 'machines/index.ts',
};

/**
 * @typedef {object} Declaration
 * @property {string} name
 * @property {string} text with its comment, and without `export`
 * @property {ReadonlyMap<string, Origin>} scope what names mean where it stands
 * @typedef {{ readonly file: string, readonly name: string }} Origin a package's specifier is a file, too
 */

/** The line end before a statement and its comments; a comment alone may stand within one. */
const nextStatement =
  /(?<!\*\/)\n(?=(?:\/\*\*(?:(?!\*\/).)*\*\/\n)*(?:export|import|declare|interface|type|class)\b)/s;

const head = (entry) => `// The types of ${entry}, written by scripts/public-types.mjs.\n`;

/**
 * @param {string} root
 * @param {string} folder where they go
 * @param {Readonly<Record<string, string>>} entries sources, by the name of the file that is to hold their types
 */
export async function writePublicTypes(root, folder, entries) {
  const emitted = await mkdtemp(join(tmpdir(), 'public-types-'));
  try {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const args = [tsc, '-p', join(root, 'tsconfig.types.json'), '--outDir', emitted];
    execFileSync(process.execPath, args, { stdio: 'inherit' });
    await mkdir(folder, { recursive: true });
    for (const [name, source] of Object.entries(entries)) {
      const file = join(emitted, source.replace(/\.ts$/, '.d.ts'));
      await writeFile(join(folder, `${name}.d.ts`), head(source) + (await rolledUp(file)));
    }
  } finally {
    await rm(emitted, { recursive: true, force: true });
  }
}

async function rolledUp(entry) {
  const modules = await modulesFrom(entry);
  const exported = exportsOf(entry, modules);
  const imported = new Map();
  /** @type {Map<string, Declaration>} */
  const taken = new Map();
  const waiting = [...exported.values()];
  for (const meant of waiting) {
    const declaration = find(meant, modules);
    const other = taken.get(declaration.name);
    if (other === declaration) continue;
    if (other) throw new Error(`two declarations of ${declaration.name}`);
    taken.set(declaration.name, declaration);
    for (const name of namesIn(declaration.text)) {
      const used = declaration.scope.get(name);
      if (used && modules.has(used.file)) waiting.push(used);
      else if (used) imported.set(name, used);
    }
  }
  const clash = [...imported.keys()].find((name) => taken.has(name));
  if (clash) throw new Error(`${clash} is a package's and ours`);
  const texts = [...taken].map(([name, { text }]) =>
    exported.has(name) ? text.replace(/^(?=(?:declare |interface |type ))/m, 'export ') : text,
  );
  // Without the last line, all of it would be exported.
  return [...importLines(imported), ...withoutCopies(texts), 'export {};\n'].join('\n');
}

/** All modules that the entry leads to: their declarations by name, and what they export of others. */
async function modulesFrom(entry) {
  const modules = new Map();
  const waiting = [entry];
  for (const file of waiting) {
    if (modules.has(file)) continue;
    const { text, inline } = withoutInlineImports(file, await readFile(file, 'utf8'));
    const module = parse(file, text, inline);
    modules.set(file, module);
    for (const to of module.reaches) if (to.endsWith('.d.ts')) waiting.push(to);
  }
  return modules;
}

/** `import("./a.js").Name` as `Name`. */
function withoutInlineImports(file, text) {
  const inline = new Map();
  const shorter = text.replace(/\bimport\("([^"]+)"\)\.(\w+)/g, (_, specifier, name) => {
    inline.set(name, { file: resolved(file, specifier), name });
    return name;
  });
  return { text: shorter, inline };
}

function parse(file, text, inline) {
  const scope = new Map(inline);
  const declarations = new Map();
  const exported = new Map();
  const wholes = [];
  for (const statement of text.split(nextStatement)) {
    const code = statement.replace(/^(?:\s*(?:\/\*\*.*?\*\/|\/\/[^\n]*)\n)*/s, '');
    const [, from] = /\bfrom '([^']+)';\s*$/.exec(code) ?? [];
    if (/^(?:import|export)\b[^;]*\}\s*from '/.test(code)) {
      const [, list = ''] = /\{([^}]*)\}/.exec(code) ?? [];
      for (const name of list.split(',').map((each) => each.trim().replace(/^type /, ''))) {
        if (name === '') continue;
        if (!/^\w+$/.test(name)) throw new Error(`${file}: ${name}`);
        (code.startsWith('import') ? scope : exported).set(name, {
          file: resolved(file, from),
          name,
        });
      }
    } else if (/^export (?:type )?\* from '/.test(code)) {
      wholes.push(resolved(file, from));
    } else if (!/^\s*$|^export \{\};\s*$/.test(code)) {
      const [, isExported, name] =
        /^(export )?(?:declare )?(?:(?:abstract )?class|const|function|interface|type) (\w+)/.exec(
          code,
        ) ?? [];
      if (!name || declarations.has(name)) throw new Error(`${file}: ${code}`);
      const bare = `${statement.replace(/^export /m, '').trimEnd()}\n`;
      declarations.set(name, { name, text: bare, scope });
      scope.set(name, { file, name });
      if (isExported) exported.set(name, { file, name });
    }
  }
  const reaches = [...scope.values(), ...exported.values()].map(({ file: from }) => from);
  return { declarations, exported, wholes, reaches: [...reaches, ...wholes] };
}

/** @returns {Map<string, Origin>} */
function exportsOf(file, modules) {
  const { exported, wholes } = modules.get(file);
  return new Map([...wholes.flatMap((whole) => [...exportsOf(whole, modules)]), ...exported]);
}

/** @returns {Declaration} */
function find({ file, name }, modules) {
  const module = modules.get(file);
  const declaration = module?.declarations.get(name);
  if (declaration) return declaration;
  const elsewhere = module && exportsOf(file, modules).get(name);
  if (!elsewhere || elsewhere.file === file) throw new Error(`${file} has no ${name}`);
  return find(elsewhere, modules);
}

function namesIn(text) {
  return new Set(text.replace(/\/\*.*?\*\/|"[^"\n]*"|'[^'\n]*'/gs, '').match(/\b[A-Za-z_]\w*\b/g));
}

/** @param {ReadonlyMap<string, Origin>} imported */
function importLines(imported) {
  const specifiers = [...new Set([...imported.values()].map(({ file }) => file))].sort();
  return specifiers.map((specifier) => {
    const names = [...imported].filter(([, { file }]) => file === specifier).map(([name]) => name);
    return `import type { ${names.sort().join(', ')} } from '${specifier}';\n`;
  });
}

/** The compiler writes the type of a constant out wherever it occurs: there it is `typeof` that constant. */
function withoutCopies(texts) {
  const constant = /^export declare const (\w+): (.*);$/ms;
  const names = texts.flatMap((text) => constant.exec(text)?.[1] ?? []);
  const typeOf = (all, name) =>
    all.map((text) => constant.exec(text)).find((found) => found?.[1] === name)?.[2] ?? '';
  // Those within others first.
  const inner = names.sort((a, b) => typeOf(texts, a).length - typeOf(texts, b).length);
  return inner.reduce((all, name) => {
    const type = typeOf(all, name);
    if (!type.includes('\n')) return all;
    const words = type.split(/\s+/).map((word) => word.replaceAll(/[^\w]/g, '\\$&'));
    const copy = new RegExp(words.join('\\s+'), 'g');
    const isItself = (text) => constant.exec(text)?.[1] === name;
    return all.map((text) => (isItself(text) ? text : text.replace(copy, `typeof ${name}`)));
  }, texts);
}

function resolved(file, specifier) {
  return specifier.startsWith('.')
    ? join(dirname(file), specifier.replace(/\.js$/, '.d.ts'))
    : specifier;
}
