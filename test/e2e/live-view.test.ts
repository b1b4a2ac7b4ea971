// The command as a person sees it at a terminal, by captured screens; and nothing of that where nobody looks.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { command, dist, start } from '../support/helper/helper-process.js';
import { publish } from '../support/helper/publish.js';
import { freePort } from '../support/processes/free-port.js';
import { KiB, MiB } from '../support/sizes.js';
import { openTerminal, tmux } from '../support/terminal/tmux.js';

let folder: string;
let port: number;
let bittorrentHelper: string;

beforeEach(async () => {
  folder = await scratchFolder();
  port = await freePort();
  bittorrentHelper = `${process.execPath} ${command} --no-dht --tracker-port ${port}`;
  await writeRandom(join(folder, 'x.bin'), 100 * KiB);
});

describe.skipIf(!tmux.isMet)(`at a terminal${tmux.isMet ? '' : `, but ${tmux.otherwise}`}`, () => {
  it('a published file is a row, and has its magnet link above, whole; what failed is a line above, in colour where colour is wanted', async () => {
    const terminal = await openTerminal({ cwd: folder, columns: 80 });
    await terminal.enter(`${bittorrentHelper} file:nowhere file:x.bin; echo "exit code $?"`);
    const screen = await terminal.shows(/^2 x\.bin seeding$/m);
    expect(screen.join('\n')).toMatch(/^job 1 \(nowhere\): failed: CONTENT_NOT_FOUND: /m);
    expect(screen.join('\n')).not.toMatch(/^\d:.*:-?\d+$/m);
    expect(screen.at(-1)).toBe('2 x.bin seeding');
    const history = await terminal.history();
    const published = history.findIndex((line) => /^job 2 \(x\.bin\): published: /.test(line));
    expect(history[published + 1]).toMatch(/^magnet:\?xt=urn:btih:[0-9a-f]{40}&.*announce$/);
    expect(await terminal.coloured()).toContain('\x1b[31mjob 1 (nowhere): failed');
    await terminal.press('C-c');
    const last = await terminal.shows(/^exit code \d/m);
    expect(last.slice(-2)).toEqual(['2 x.bin stopped', 'exit code 3']);
    expect(last.join('\n')).not.toContain('^C');

    await terminal.enter(`clear; NO_COLOR=1 ${bittorrentHelper} file:nowhere file:x.bin`);
    await terminal.shows(/^2 x\.bin seeding$/m);
    expect(await terminal.coloured()).not.toContain('\x1b[');
  });

  it('a download is one row, whatever the width, while it is resized, and after Ctrl-S; Ctrl-C says that it is unfinished', async () => {
    await writeRandom(join(folder, 'source/a-film-in-four-parts.mkv'), 16 * MiB);
    await mkdir(join(folder, 'copy'));
    const source = join(folder, 'source');
    const { torrentFile } = await publish(source, 'a-film-in-four-parts.mkv', ['--up', '200K']);
    const terminal = await openTerminal({ cwd: join(folder, 'copy'), columns: 40 });
    // As most terminals are: full. One with room below lets go above of what became more rows, and nobody can erase it there.
    await terminal.enter('seq 30');
    const socket = join(folder, 'socket');
    await terminal.enter(
      `${bittorrentHelper} --socket ${socket} torrent:${torrentFile}; echo "exit code $?"`,
    );
    const narrow = /^a-film-.*mkv +\d+% +[\d.]+ K?i?B\/s$/m;
    const timed = /^a-film-.*mkv +\d+% +[\d.]+ KiB\/s +\d:\d\d$/m;
    const barred = /^1 a-film-in-four-parts\.mkv █*░+ +\d+% +↓ [\d.]+ KiB\/s +\d:\d\d +1 peer$/m;
    const sized =
      /^1 {2}a-film-in-four-parts\.mkv {2}█*░{15,} +\d+% +[\d.]+ [KM]iB of 16\.0 MiB +↓ .* +\d:\d\d +1 peer$/m;
    await terminal.shows(timed);
    for (const [columns, row] of [
      ...([
        [80, barred],
        [200, sized],
        [120, barred],
        [30, narrow],
      ] as const),
      ...([
        [41, timed],
        [199, sized],
        [36, narrow],
        [80, barred],
      ] as const),
    ]) {
      await terminal.resize(columns);
      await terminal.shows(row);
    }
    const screen = await terminal.shows(barred);
    for (const line of screen) expect(stringWidth(line)).toBeLessThanOrEqual(80);
    // Nothing of what was drawn before has been left above, on the screen or beyond it.
    const drawn = (await terminal.history()).filter((line) => /\d%|[█░]/.test(line));
    expect(drawn).toEqual([expect.stringMatching(/^1 a-film/)]);

    // Stopped by its user, it holds nobody up.
    await terminal.press('C-s');
    const elsewhere = start(['watch', socket], { cwd: folder });
    await elsewhere.line(/:\d+$/);
    await elsewhere.line(/:\d+$/, 2);
    await terminal.press('C-q');
    await terminal.shows(barred);

    await terminal.press('C-c');
    const last = await terminal.shows(/^exit code \d/m);
    expect(last.slice(-4)).toEqual([
      expect.stringMatching(/^1 a-film-in-four-parts\.mkv █*░+ +\d+% +stopped$/),
      '1 download unfinished; the same command, in the same folder, goes on where this',
      'one stopped',
      'exit code 4',
    ]);
  });

  it('nothing of it is in what everybody loads', async () => {
    const loaded = await readFile(join(dist, 'bin/command.js'), 'utf8');
    const draws = (text: string) => text.includes('[?2026h');
    expect(draws(loaded)).toBe(false);
    expect(draws(await readFile(join(dist, 'chunks/live-view.cjs'), 'utf8'))).toBe(true);
  });

  it.each([
    ['--lines is given', '--lines', ''],
    ['stdout is a pipe', '', '| cat'],
    // No SIGHUP comes to it when its terminal is closed.
    ['it runs in the background', '--stop-with parent', '&'],
  ])('there are lines, and no view, where %s', async (_, option, redirection) => {
    const terminal = await openTerminal({ cwd: folder, columns: 80 });
    await terminal.enter(`${bittorrentHelper} ${option} file:x.bin ${redirection}`);
    const screen = await terminal.shows(/^1:x\.bin:100$/m);
    expect(screen.join('\n')).toMatch(/^1:x\.bin:-1$/m);
    expect(screen.join('\n')).not.toMatch(/seeding/);
  });

  it('a helper that runs elsewhere is shown by its socket, and goes on when nobody watches any more', async () => {
    const socket = join(folder, 'socket');
    const helper = start(['--no-dht', '--tracker-port', `${port}`, '--socket', socket], {
      cwd: folder,
    });
    helper.write('file:x.bin');
    await helper.published(1);
    const terminal = await openTerminal({ cwd: folder, columns: 80 });
    const lines = start(['watch', socket], { cwd: folder });
    await lines.line('1:x.bin:100');
    await terminal.enter(`${process.execPath} ${command} watch ${socket}; echo "exit code $?"`);
    const screen = await terminal.shows(/^watching /m);
    expect(screen.at(-2)).toBe('1 x.bin seeding');
    helper.write('file:nowhere');
    await terminal.shows(/^job 2 \(nowhere\): failed: CONTENT_NOT_FOUND: /m);
    helper.write('magnet:?xt=urn:btih:5a8ce26e8a19a877d8ccc927fcd18e34e1ff5a0e&dn=elsewhere');
    await terminal.shows(/^3 elsewhere fetching$/m);
    helper.write('remove:3');
    await terminal.shows(/: removed$/m);
    expect(await terminal.history()).toContainEqual(
      expect.stringMatching(/^magnet:\?xt=.*announce$/),
    );
    await terminal.press('C-c');
    expect((await terminal.shows(/^exit code \d/m)).slice(-2)).toEqual([
      '1 x.bin seeding',
      'exit code 0',
    ]);

    await terminal.enter(
      `clear; ${process.execPath} ${command} watch ${socket}; echo "exit code $?"`,
    );
    await terminal.shows(/^watching /m);
    helper.write('quit:');
    await terminal.shows(/^exit code 0/m);
    expect(await helper.exit()).toBe(3);
    expect(await lines.exit()).toBe(0);
    expect(lines.stdout.filter((line) => !line.startsWith('3:'))).toEqual([
      '1:x.bin:100',
      '2:nowhere:-2',
    ]);
    await terminal.enter(
      `clear; ${process.execPath} ${command} watch ${socket}; echo "exit code $?"`,
    );
    expect((await terminal.shows(/^exit code 2/m)).join(' ')).toMatch(
      /HELPER_LOST: no helper can be reached at/,
    );
  });
});
