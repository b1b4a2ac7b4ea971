// Where a program saves what should outlive it but is no option: the XDG state directory, or the platform's own.
import { homedir, platform } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { env } from 'node:process';

const program = 'bittorrent-helper';

/** An absolute path, which need not exist yet. */
export function platformStateDir(): string {
  switch (platform()) {
    case 'darwin':
      return join(homedir(), 'Library', 'Application Support', program);
    case 'win32':
      return join(absolute(env.LOCALAPPDATA) ?? join(homedir(), 'AppData', 'Local'), program);
    default:
      return join(absolute(env.XDG_STATE_HOME) ?? join(homedir(), '.local', 'state'), program);
  }
}

/** The XDG specification says that a relative path is to be ignored. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
