// Plays a transcript against a helper: says what it says, and waits for what it expects.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lines } from './lines.mjs';
import { fill } from './match.mjs';
import { createRules } from './rules.mjs';
import { act, Side } from './side.mjs';

/**
 * @param {import('./transcript.mjs').Transcript} transcript
 * @param {readonly string[]} command of a helper that speaks the dialect over stdin and stdout
 * @param {(name: string) => import('./valid.mjs').Check} schema
 */
export async function playHelper({ head, steps }, command, schema) {
  const dir = mkdtempSync(join(tmpdir(), 'conformance-'));
  const captured = new Map([['dir', dir]]);
  /** Helpers and connections, by name. */
  const sides = new Map();
  const player = { command, schema, dir, captured, sides, head };
  for (const [name, lengthBytes] of Object.entries(head.files ?? {})) {
    writeFileSync(join(dir, name), contentOf(name, lengthBytes));
  }
  try {
    for (const { number, step } of steps) {
      try {
        await play(player, step);
      } catch (error) {
        const seen = [...sides].map(([name, side]) => `${name}: ${side.describe()}`).join('\n');
        throw new Error(`line ${number}: ${error.message}\n${seen}`);
      }
    }
  } finally {
    await Promise.all([...sides.values()].map((side) => side.destroy()));
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The same for the same name, and no two pieces alike. */
function contentOf(name, lengthBytes) {
  const seed = [...name].reduce((so, each) => (so * 31 + each.codePointAt(0)) >>> 0, 7);
  return Buffer.from(
    Uint32Array.from({ length: Math.ceil(lengthBytes / 4) }, (_, index) =>
      Math.imul(index + seed, 2654435761),
    ).buffer,
  ).subarray(0, lengthBytes);
}

async function play(player, given) {
  const { captured, sides, dir, head } = player;
  const { on = 'helper', ...step } = given;
  const [verb] = Object.keys(step);
  const value = step[verb];
  if (verb === 'start') {
    const args = fill(step.args ?? head.args ?? [], captured);
    sides.set(value, startHelper(player, args));
    return;
  }
  if (verb === 'connect') {
    sides.set(value, await connectTo(player, fill(step.to, captured)));
    return;
  }
  if (verb === 'load') {
    captured.set(step.as, readFileSync(join(dir, fill(value, captured))).toString('base64'));
    return;
  }
  const side = sides.get(on);
  if (!side) throw new Error(`there is no ${on}`);
  await act(side, given, captured);
}

function startHelper({ command, schema, dir }, args) {
  const [file = '', ...rest] = command;
  const child = spawn(file, [...rest, ...args], {
    cwd: dir,
    env: { ...process.env, XDG_STATE_HOME: join(dir, 'state') },
    stdio: 'pipe',
  });
  const exited = once(child, 'close');
  exited.catch(() => {});
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr = `${stderr}${chunk}`.slice(-4_000);
  });
  return new Side(new Lines(child.stdout, child.stdin), createRules(schema), {
    describe: () => stderr,
    async kill(signal) {
      child.kill(signal);
      await exited;
    },
    async exit(code, finish) {
      await finish();
      const [found, signal] = await exited;
      if (found !== code) throw new Error(`exit ${found ?? signal}, expected ${code}`);
    },
    async destroy() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      child.stdin.destroy();
      await exited.catch(() => {});
    },
  });
}

async function connectTo({ schema, dir }, path) {
  const socket = connect(join(dir, path));
  await once(socket, 'connect');
  return new Side(new Lines(socket, socket), createRules(schema), {
    describe: () => '',
    async kill() {
      socket.destroy();
    },
    async exit() {
      throw new Error('a connection has no exit');
    },
    async destroy() {
      socket.destroy();
    },
  });
}
