// The notices of what is bundled: who wrote it, under which licence, and that licence's text, as those licences ask.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Licences that ask for no more than their notice. */
const permissive =
  /^(MIT|ISC|0BSD|BSD|BSD-[23]-Clause|Apache-2\.0|BlueOak-1\.0\.0|CC0-1\.0|Unlicense|Python-2\.0)$/;

/**
 * @param {string} root
 * @param {readonly string[]} files what is in the bundle, by paths below `root`
 * @throws if a package is not under a permissive licence
 */
export async function noticesOf(root, files) {
  const folders = new Set(
    files.flatMap((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
  );
  const notices = await Promise.all(
    [...folders].sort().map((folder) => notice(join(root, folder))),
  );
  return `Parts of these packages are contained in the files of this folder.\n\n${notices.join('\n')}`;
}

async function notice(folder) {
  const { name, version, license, licenses, author } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  const licence = license ?? licenses?.[0]?.type;
  if (!permissive.test(licence)) throw new Error(`${name} ${version}: licence ${licence}`);
  const by = author?.name ?? author;
  return `${'-'.repeat(78)}\n${name} ${version}${by ? `, by ${by}` : ''} (${licence})\n\n${await licenceText(folder)}\n`;
}

/** The files for it, else what the readme says under that heading. */
async function licenceText(folder) {
  const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
  const read = (pattern) =>
    Promise.all(
      files
        .filter(({ name }) => pattern.test(name))
        .map(async ({ name }) => (await readFile(join(folder, name), 'utf8')).trim()),
    );
  const texts = await read(/^(licen[cs]e|copying|notice)/i);
  if (texts.length > 0) return texts.join('\n\n');
  const [readme = ''] = await read(/^readme/i);
  const [, section] = /^#+ *licen[cs]e\s*$(.*?)(?=^#|$(?![\s\S]))/ims.exec(readme) ?? [];
  return section?.trim() || 'The package holds no licence text of its own.';
}
