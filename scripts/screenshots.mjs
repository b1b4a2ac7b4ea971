// The pictures of the inspector in docs/images, taken of a real download in a real browser:
//
//     npm run build && npm run screenshots
//
// It needs a Chromium: /usr/bin/chromium, or the one that CHROMIUM names.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const root = join(import.meta.dirname, '..');
const images = join(root, 'docs/images');
const folder = await mkdtemp(join(tmpdir(), 'inspector-'));
const running = [];
let isOver = false;
let fail;
/** Rejects when a helper ends of itself. */
const failed = new Promise((_, reject) => {
  fail = reject;
});

/** A helper, of which a line can be waited for, on stdout and stderr. */
function start(args) {
  const child = spawn(process.execPath, [join(root, 'bin/launch.cjs'), ...args], {
    cwd: folder,
    env: { ...process.env, XDG_STATE_HOME: join(folder, `state ${running.length}`) },
  });
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      child.emit('told');
    });
  }
  child.on('exit', () => {
    if (!isOver) fail(new Error(lines.join('\n')));
  });
  const helper = {
    child,
    write: (line) => child.stdin.write(`${line}\n`),
    async line(wanted) {
      for (;;) {
        const found = lines.find((line) => wanted.test(line));
        if (found) return found;
        await Promise.race([once(child, 'told'), failed]);
      }
    },
  };
  running.push(helper);
  return helper;
}

try {
  await mkdir(images, { recursive: true });
  await writeFile(join(folder, 'LICENSE'), randomBytes(30_000));
  await writeFile(join(folder, 'debian-13.iso'), randomBytes(48 * 2 ** 20));
  // Some of what is shown is the time, and how far a download has come.
  const seeder = start(['--up', '3M', 'file:debian-13.iso']);
  await seeder.line(/:100$/);
  await mkdir(join(folder, 'downloads'));
  const helper = start(['--inspect', '--no-dht', '--download-dir', 'downloads']);
  const [url] = /http:\S+/.exec(await helper.line(/: inspector: /));
  helper.write('file:LICENSE');
  helper.write('torrent:http://127.0.0.1:1/gone.torrent');
  helper.write('torrent:debian-13.iso.torrent');

  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(url);
  const job = page.getByRole('treeitem').filter({ hasText: 'debian-13.iso' });
  await job.click();
  const take = async (name, wanted) => {
    await job.filter({ hasText: wanted }).waitFor();
    await page.screenshot({ path: join(images, `${name}.png`) });
  };
  await take('inspector', /downloading 2\d/);
  await page.keyboard.press('v');
  await page.getByText('being fetched').first().waitFor();
  await take('inspector-swarm', /downloading 4\d/);
  await page.keyboard.press('v');
  await page.getByRole('button', { name: 'follow', exact: true }).click();
  await page.emulateMedia({ colorScheme: 'dark' });
  await take('inspector-dark', /seeding/);
  await browser.close();
} finally {
  isOver = true;
  for (const { child } of running) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}
