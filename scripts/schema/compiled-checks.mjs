// `import checks from './checked.js?checks'` is what checked.ts exports as `checked`, compiled to code by TypeBox when a
// bundle is built, and what else that exports, as plain data: what runs has no TypeBox, and nothing to compile.
import { dirname, join, relative, resolve } from 'node:path';
import { expectationOf } from './expectation.mjs';
import { importBuilt } from './load-source.mjs';

const root = join(import.meta.dirname, '../..');
const asked = /\.js\?checks$/;
const namespace = 'compiled-checks';

/** What the compiled code asks TypeBox for, in ours. It may ask for nothing else. */
const guard =
  'const Guard = { CodePointCount(text) { let count = 0; for (const _ of text) count++; return count; } };\n';
const unknownCall = /\bHashing\.\w+|\bnew CheckContext\b|\bGuard\.(?!CodePointCount\b)\w+/;

/** @param {string} path of checked.ts */
async function compiledChecks(path) {
  const { checked, Code, ...plain } = await load(path);
  const texts = [guard];
  const compile = (schema) => {
    const { Code: code, External } = Code(schema);
    const [unknown] = unknownCall.exec(code) ?? [];
    if (unknown)
      throw new Error(`${path}: a check needs ${unknown}, which is not there at run time`);
    const name = `check${texts.length}`;
    const functions = code.slice(code.indexOf('// @ts-ignore\nconst check_'));
    const own = functions
      .replace('export function Check(value) {', 'return (value) => {')
      .replace(/\/\/ @ts-ignore\n/g, '');
    const regExps = External.variables.map(String).join(', ');
    const externals = regExps === '' ? '' : `const ${External.identifier} = [${regExps}];\n`;
    texts.push(`const ${name} = (() => {\n${externals}${own}\n})();\n`);
    return name;
  };
  const propertyOf = ([name, schema]) =>
    `${JSON.stringify(name)}: { check: ${compile(schema)}, expected: ${JSON.stringify(expectationOf(schema))} }`;
  const shapeOf = ({ properties, required = [], additionalProperties }) => {
    if (additionalProperties !== false) throw new Error(`${path}: unknown names must be refused`);
    const each = Object.entries(properties).map(propertyOf).join(', ');
    return `{ required: ${JSON.stringify(required)}, properties: { ${each} } }`;
  };
  const rows = Object.entries(checked).map(([name, schema]) => {
    const shapes = (schema.anyOf ?? [schema]).map(shapeOf).join(', ');
    return `  ${JSON.stringify(name)}: { check: ${compile(schema)}, shapes: [${shapes}] },\n`;
  });
  const data = Object.entries(plain).map(
    ([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`,
  );
  return `${texts.join('')}export default {\n${rows.join('')}};\n${data.join('')}`;
}

/** The schemas, and what compiles them, of one and the same TypeBox. */
function load(path) {
  const contents = `export * from ${JSON.stringify(path)}; export { Code } from 'typebox/compile';`;
  return importBuilt({ stdin: { contents, resolveDir: root, loader: 'js' } });
}

const pathOf = (specifier, folder) => resolve(folder, specifier.replace(asked, '.ts'));

/**
 * For bundles.
 * @returns {import('esbuild').Plugin}
 */
export function checksOfSchemas() {
  return {
    name: namespace,
    setup(bundle) {
      bundle.onResolve({ filter: asked }, ({ path, resolveDir }) => ({
        path: relative(root, pathOf(path, resolveDir)),
        namespace,
      }));
      bundle.onLoad({ filter: /.*/, namespace }, async ({ path }) => ({
        contents: await compiledChecks(join(root, path)),
        loader: 'js',
      }));
    },
  };
}

/**
 * For tests of the sources.
 * @returns {import('vite').Plugin}
 */
export function checksOfSchemasInTests() {
  const marked = /^\0compiled-checks:/;
  return {
    name: namespace,
    enforce: 'pre',
    resolveId: (specifier, importer) =>
      asked.test(specifier) && importer
        ? `\0compiled-checks:${pathOf(specifier, dirname(importer))}`
        : null,
    load: async (id) => (marked.test(id) ? compiledChecks(id.replace(marked, '')) : null),
  };
}
