// A terminal of a size of its own, by tmux: what runs in it is a process at a real terminal, and what its user would see is
// captured. Each has a server of its own, which is ended with the test.
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import type { Need } from '../network/need.js';
import { withoutProxies } from '../processes/without-proxies.js';
import { until } from '../waiting.js';

const run = promisify(execFile);

export const tmux: Need = {
  isMet: process.platform !== 'win32' && spawnSync('tmux', ['-V']).status === 0,
  otherwise: 'tmux is not installed',
};

export interface TerminalOptions {
  readonly cwd: string;
  readonly columns: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface TestTerminal {
  /** Types a command of the shell, and Enter. */
  enter(command: string): Promise<void>;
  /** A key as tmux calls it, such as `C-c`. */
  press(key: string): Promise<void>;
  /** What is seen, without the spaces at the ends of its lines and the empty lines below. */
  screen(): Promise<readonly string[]>;
  /** What is seen and what has left the screen, with lines that the terminal has broken in one piece. */
  history(): Promise<readonly string[]>;
  /** What is seen, with its colours. */
  coloured(): Promise<string>;
  resize(columns: number, rows?: number): Promise<void>;
  /** Waits until it is seen, or has been, and gives back the screen of that moment. */
  shows(wanted: RegExp): Promise<readonly string[]>;
}

/** A shell with an empty prompt. */
export async function openTerminal(options: TerminalOptions): Promise<TestTerminal> {
  const { cwd, columns, rows = 24, env } = options;
  // The path of a socket may be a hundred characters long.
  const folder = await mkdtemp(join(tmpdir(), 'tmux-'));
  const socket = join(folder, 's');
  const ofServer = (...args: readonly string[]) =>
    run('tmux', ['-S', socket, '-f', '/dev/null', ...args], {
      cwd,
      env: withoutProxies({ CI: undefined, NO_COLOR: undefined, LC_ALL: 'C.UTF-8', ...env }),
    }).then(({ stdout }) => stdout);
  onTestFinished(async () => {
    await ofServer('kill-server').catch(() => {});
    await rm(folder, { recursive: true, force: true });
  });
  const size = ['-x', `${columns}`, '-y', `${rows}`];
  await ofServer('new-session', '-d', ...size, 'env PS1= sh');

  const capture = async (...args: readonly string[]) => {
    const lines = (await ofServer('capture-pane', '-p', ...args)).split('\n');
    return lines.slice(0, lines.findLastIndex((line) => line.trim() !== '') + 1);
  };
  const screen = async () => (await capture()).map((line) => line.trimEnd());
  const terminal: TestTerminal = {
    screen,
    history: () => capture('-J', '-S', '-'),
    coloured: async () => (await capture('-e')).join('\n'),
    enter: async (command) => void (await ofServer('send-keys', command, 'Enter')),
    press: async (key) => void (await ofServer('send-keys', key)),
    async resize(width, height = rows) {
      await ofServer('resize-window', '-x', `${width}`, '-y', `${height}`);
    },
    async shows(wanted) {
      let seen: readonly string[] = [];
      const isShown = async () => {
        seen = await screen();
        return wanted.test(seen.join('\n'));
      };
      await until(isShown, `shown: ${wanted}`).catch((error) => {
        throw new Error(`${error.message}\n${seen.join('\n')}`);
      });
      return seen;
    },
  };
  return terminal;
}
