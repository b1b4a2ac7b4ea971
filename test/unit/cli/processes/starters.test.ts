// Who started a process, asked of real ones: programs, shells, and what is called like a package manager.
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { seeStarters } from '../../../../src/cli/processes/starters.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';

/** Tells its number and its parent's, starts the rest of its arguments, and lives as long as its stdin is open. */
const script = `
  echo "$(basename "$0") $$ $PPID"
  if [ $# = 0 ]; then cat >/dev/null; else "$@"; fi
  true
`;
/** The same with a title of its own, which takes Node. */
const titledProgram = (title: string) => `
  process.title = ${JSON.stringify(title)};
  console.log(require('node:path').basename(__filename), process.pid, process.ppid);
  const [next, ...others] = process.argv.slice(2);
  require('node:child_process').spawn(next, others, { stdio: 'inherit' });
`;

/** Starts programs of these names, each by the one before, \`sh\` being  Their numbers by their names, and the last one's parent. */
async function startChain(...names: readonly string[]) {
  const folder = await scratchFolder();
  const commandOf = async ([name, ...others]: readonly string[]): Promise<readonly string[]> => {
    if (name === undefined) return [];
    const rest = await commandOf(others);
    // What follows keeps the shell from becoming the command itself.
    if (name === 'sh') return ['sh', '-c', `${rest.map((word) => `'${word}'`).join(' ')}; true`];
    const [file = ''] = name.split(' ');
    const path = join(folder, file);
    await writeFile(path, file === name ? script : titledProgram(name));
    return [file === name ? 'sh' : process.execPath, path, ...rest];
  };
  const [command = '', ...args] = await commandOf(names);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.stdin.end());

  const ids = new Map<string, number>();
  let parentId = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [name = '', id, ppid] = line.split(' ');
    ids.set(name, Number(id));
    parentId = Number(ppid);
    if (ids.size === names.filter((each) => each !== 'sh').length) break;
  }
  // The shell does not tell its own.
  if (names.at(-2) === 'sh') ids.set('sh', parentId);
  return { ids, parentId };
}

describe.skipIf(process.platform === 'win32')('who started a process', () => {
  it.each<[string, string[], string[]]>([
    ['its parent', ['program'], ['program']],
    ['a shell that runs it', ['sh'], ['sh']],
    ['who ran npx', ['program', 'npx-cli.js'], ['npx-cli.js', 'program']],
    ['who ran npx that uses a shell', ['program', 'npx', 'sh'], ['sh', 'npx', 'program']],
    ['who ran npm, by its title', ['program', 'npm exec it', 'sh'], ['sh', 'npm', 'program']],
    ['who ran pnpm', ['program', 'pnpm.cjs'], ['pnpm.cjs', 'program']],
    ['who ran npm that runs npx', ['program', 'npm', 'npx'], ['npx', 'npm', 'program']],
    ['a program, though npm ran that', ['npm', 'program'], ['program']],
    ['a program whose name is longer', ['other', 'npx-like'], ['npx-like']],
  ])('is %s', async (_, above, expected) => {
    const { ids, parentId } = await startChain(...above, 'leaf');
    const starters = await seeStarters(parentId);
    expect(starters?.map(({ id }) => id)).toEqual(expected.map((name) => ids.get(basename(name))));
  });

  it('is nobody any more once the parent has ended', async () => {
    const gone = spawn('true');
    await new Promise((resolve) => gone.once('exit', resolve));
    expect(await seeStarters(gone.pid ?? 0)).toBeUndefined();
  });
});
