// What the helper keeps is for its user alone: every folder of the state directory is 0700, whatever the umask, and whatever
// an earlier version left.
import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ordinaryUser } from '../support/disks/ordinary-user.js';
import { useScratchFolder } from '../support/disks/scratch-folder.js';
import { command, type HelperProcess, watch } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { withoutProxies } from '../support/processes/without-proxies.js';
import { infoOf, torrentOf } from '../support/torrents/handmade-torrent.js';
import { until } from '../support/waiting.js';

/** Nothing listens there: port 1 is nobody's. */
const deadTracker = 'http://127.0.0.1:1/announce';
const everyFolder = [
  ...['code', 'made', 'resume', 'sessions', 'sessions/night', 'sessions/night/torrents'],
];

const at = useScratchFolder();

/** As an ordinary user, whom missing permissions of his own hinder. */
async function startUnder(umask: string, args: readonly string[]): Promise<HelperProcess> {
  const port = ['--tracker-port', `${await freePort()}`];
  const program = [process.execPath, command, '--no-dht', '--session', 'night', ...port, ...args];
  const child = spawn('sh', ['-c', `umask ${umask}; exec "$@"`, 'sh', ...program], {
    cwd: at(),
    stdio: 'pipe',
    env: withoutProxies({ XDG_STATE_HOME: at('xdg'), HOME: at() }),
    ...ordinaryUser(command),
  });
  return watch(child);
}

/** Lets it keep whatever a helper keeps. */
async function fill(helper: HelperProcess, stateDir: string): Promise<void> {
  await writeFile(at('seeded'), 'content', { mode: 0o644 });
  const lonely = torrentOf(infoOf('lonely', Buffer.alloc(100_000, 'x')), deadTracker);
  await writeFile(at('lonely.torrent'), lonely, { mode: 0o644 });
  helper.write('file:seeded', 'torrent:lonely.torrent');
  await helper.line('1:seeded:100');
  await helper.line('2:lonely:0');
  await until(
    async () => (await readdir(join(stateDir, 'code')).catch(() => [])).length > 0,
    'compiled',
  );
  await stop(helper);
}

async function stop(helper: HelperProcess): Promise<void> {
  helper.kill('SIGTERM');
  expect(await helper.exit()).toBe(4);
  expect(helper.stderr.filter((line) => /STATE_UNWRITABLE|failed/.test(line))).toEqual([]);
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory());
  return folders
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();
}

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

async function modesIn(folder: string): Promise<Record<string, string>> {
  const modes: Record<string, string> = {};
  for (const name of ['', ...(await foldersIn(folder))])
    modes[name] = await modeOf(join(folder, name));
  return modes;
}

const allOf = (mode: string) => Object.fromEntries(everyFolder.map((name) => [name, mode]));

describe.skipIf(process.platform === 'win32')('the state directory', () => {
  it.each(['0', '022', '077', '0277'])(
    'is made 0700 with all that is in it under umask %s',
    async (umask) => {
      const stateDir = at('above/state');
      const args = ['--state-dir', stateDir];
      await fill(await startUnder(umask, args), stateDir);
      expect(await modesIn(at('above'))).toEqual({
        '': '700',
        state: '700',
        ...Object.fromEntries(everyFolder.map((name) => [`state/${name}`, '700'])),
      });
      const second = await startUnder(umask, args);
      await second.line('2:lonely:0');
      await stop(second);
    },
  );

  it.each(['755', '777'])(
    'is closed at the start where it was left %s, but for one that the user made and named',
    async (mode) => {
      const stateDir = at('state');
      await mkdir(stateDir);
      await chmod(stateDir, 0o777);
      await fill(await startUnder('022', ['--state-dir', 'state']), stateDir);
      expect(await modesIn(stateDir)).toEqual({ '': '777', ...allOf('700') });
      for (const name of everyFolder) await chmod(join(stateDir, name), Number.parseInt(mode, 8));

      const second = await startUnder('022', ['--state-dir', 'state']);
      await second.diagnostic(/: ready: /);
      const closed = everyFolder.filter((name) => name !== 'code');
      for (const name of closed) expect(await modeOf(join(stateDir, name)), name).toBe('700');
      expect(await modeOf(stateDir)).toBe('777');
      // Code that others could have put there is left alone: to close it would be to trust it.
      const code = mode === '777' ? '777' : '700';
      await until(async () => (await modeOf(join(stateDir, 'code'))) === code, 'closed');
      await stop(second);
      expect(await modeOf(join(stateDir, 'code'))).toBe(code);
    },
  );

  it('of the platform is closed itself', async () => {
    const stateDir = at('xdg/bittorrent-helper');
    await mkdir(stateDir, { recursive: true });
    for (const path of [at('xdg'), stateDir]) await chmod(path, 0o777);
    const { uid, gid } = ordinaryUser(command);
    if (uid !== undefined && gid !== undefined) await chown(stateDir, uid, gid);
    const helper = await startUnder('022', []);
    await helper.diagnostic(/: ready: /);
    expect(await modeOf(stateDir)).toBe('700');
    expect(await modeOf(at('xdg'))).toBe('777');
  });
});
