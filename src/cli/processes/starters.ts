// Who started this process. A package manager that runs a command (npx, npm run, pnpm exec, yarn) stands in between, and
// often a shell of its own: whoever started that is meant.
import { basename } from 'node:path';
import { type SeenProcess, seeProcess } from './seen-process.js';

const packageManager = /^(?:npm|npx|pnpm|pnpx|yarn|yarnpkg|bunx|corepack)(?:-cli)?(?:\.[cm]?js)?$/;
const shell = /^(?:sh|dash|bash|ash|zsh|ksh|busybox)$/;
/** One that runs itself, as a script that runs npx, comes to six. */
const mostStarters = 10;

/**
 * The parent, and beyond it whoever started it where a package manager did not run of itself; that one is the last. If
 * one of them ends, nobody is there any more who would tell this process to end. Undefined if one has ended already.
 */
export async function seeStarters(parentId: number): Promise<readonly SeenProcess[] | undefined> {
  const starters: SeenProcess[] = [];
  for (let next: number | undefined = parentId; next; ) {
    const starter: SeenProcess | undefined = await seeProcess(next);
    if (!starter) return undefined;
    starters.push(starter);
    const isRun = starters.length < mostStarters && (await isRunByPackageManager(starter));
    next = isRun ? starter.parentId : undefined;
  }
  return starters;
}

/** It is the package manager, or the shell by which that runs a command. */
async function isRunByPackageManager({ args, parentId }: SeenProcess): Promise<boolean> {
  if (isPackageManager(args)) return true;
  if (!parentId || args[1] !== '-c' || !shell.test(nameOf(args[0]))) return false;
  const above = await seeProcess(parentId);
  return above !== undefined && isPackageManager(above.args);
}

/** `npm exec …` is the title that npm gives itself; else it is a script that Node runs. */
function isPackageManager([program, script]: readonly string[]): boolean {
  const [title = ''] = (program ?? '').split(' ');
  return [nameOf(title), nameOf(script)].some((name) => packageManager.test(name));
}

function nameOf(path = ''): string {
  return basename(path).replace(/^-/, '');
}
