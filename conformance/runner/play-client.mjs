// Plays a transcript with a client between two sides: the driver, which has the client do what a program would (README.md), and
// the helpers that the client starts, which say what the transcript says.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createJobTable } from './job-table.mjs';
import { Lines, patienceMs } from './lines.mjs';
import { fill } from './match.mjs';
import { act, Side } from './side.mjs';

const relay = fileURLToPath(new URL('relay.mjs', import.meta.url));

/**
 * @param {import('./transcript.mjs').Transcript} transcript
 * @param {readonly string[]} command of a driver
 * @param {(name: string) => import('./valid.mjs').Check} schema
 */
export async function playClient({ steps }, command, schema) {
  const dir = mkdtempSync(join(tmpdir(), 'conformance-'));
  const path =
    process.platform === 'win32' ? `\\\\.\\pipe\\conformance-${process.pid}` : join(dir, 's');
  const helpers = await listen(path, schema);
  const driver = startDriver(command, dir, path);
  const sides = new Map([['driver', driver]]);
  const captured = new Map([['dir', dir]]);
  try {
    for (const { number, step } of steps) {
      try {
        if (step.await !== undefined) {
          sides.set(step.await, await Promise.race([helpers.next(captured), driver.gone]));
        } else await play(sideOf(sides, step.on ?? 'driver'), step, captured);
      } catch (error) {
        const seen = [...sides].map(([name, side]) => `${name}: ${side.describe()}`).join('\n');
        throw new Error(`line ${number}: ${error.message}\n${seen}`);
      }
    }
  } finally {
    await Promise.all([...sides.values()].map((side) => side.destroy()));
    helpers.close();
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

function sideOf(sides, name) {
  const side = sides.get(name);
  if (!side) throw new Error(`there is no ${name}`);
  return side;
}

async function play(side, step, captured) {
  if (step.ready) {
    const { limits, ...more } = step.ready;
    await say(side, 'helper.ready', { ...ready, ...more, limits: { ...ready.limits, ...limits } });
  } else if (step.tell) {
    const { method, params } = fill(step.tell, captured);
    side.seq = (side.seq ?? 0) + 1;
    await say(side, method, { seq: side.seq, timeMs: Date.now(), ...params });
  } else if (step.quit) {
    await quit(side, captured);
  } else await act(side, step, captured);
}

function say(side, method, params) {
  return side.say(`${JSON.stringify({ jsonrpc: '2.0', method, params })}\n`);
}

/** A client may ask, or end the input. */
async function quit(side, captured) {
  const asked = await side.next('helper.quit, or the end of the input');
  if (asked?.method !== 'helper.quit' && asked !== undefined) {
    throw new Error(`expected helper.quit, or the end of the input, not ${JSON.stringify(asked)}`);
  }
  if (asked?.id !== undefined) {
    await act(side, { send: { jsonrpc: '2.0', id: asked.id, result: {} } }, captured);
  }
  await play(side, { tell: { method: 'helper.stopping', params: {} } }, captured);
  await side.exit(0);
}

const ready = {
  protocol: '1.0',
  version: '1.0.0',
  pid: 1,
  capabilities: ['control', 'instructions', 'keys', 'progress', 'trackers', 'verify', 'announce'],
  limits: {
    maxLineBytes: 1_048_576,
    maxWaitingRequests: 10_000,
    maxJobsPerPage: 1_000,
    minEveryMs: 100,
    maxKeyLength: 128,
  },
  peerPort: 50_000,
  announce: [['http://127.0.0.1:6969/announce']],
  nextId: 1,
  session: null,
};

function startDriver([file = '', ...args], dir, path) {
  const child = spawn(file, args, {
    cwd: dir,
    env: {
      ...process.env,
      CONFORMANCE_SOCKET: path,
      CONFORMANCE_HELPER: JSON.stringify([process.execPath, relay]),
      XDG_STATE_HOME: join(dir, 'state'),
    },
    stdio: 'pipe',
  });
  const exited = once(child, 'close');
  exited.catch(() => {});
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr = `${stderr}${chunk}`.slice(-4_000);
  });
  const rules = { asks() {}, read: JSON.parse, unanswered: [] };
  const gone = exited.then(() => {
    throw new Error('the driver has ended');
  });
  gone.catch(() => {});
  const side = new Side(new Lines(child.stdout, child.stdin), rules, {
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
  return Object.assign(side, { gone });
}

/** The helpers that a client starts, one after the other. */
async function listen(path, schema) {
  const begun = [];
  let wake = () => {};
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    begun.push(socket);
    wake();
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    async next(captured) {
      const late = setTimeout(() => wake('late'), patienceMs);
      late.unref();
      while (begun.length === 0) {
        const why = await new Promise((resolve) => {
          wake = resolve;
        });
        if (why === 'late') throw new Error('no helper was started in time');
      }
      clearTimeout(late);
      return scriptedHelper(begun.shift(), schema, captured);
    },
    close() {
      for (const socket of begun) socket.destroy();
      server.close();
    },
  };
}

async function scriptedHelper(socket, schema, captured) {
  const rules = createClientRules(schema, (message) =>
    lines.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`),
  );
  const lines = new Lines(socket, socket, rules.answers);
  const { pid, args } = JSON.parse(await lines.next('the helper to begin'));
  captured.set('args', args);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  const side = new Side(lines, rules, {
    describe: () => '',
    async kill(signal) {
      process.kill(pid, signal);
      // What it still took from us is of no use to anybody.
      socket.destroy();
      await closed;
    },
    async exit() {
      socket.end();
      await closed;
    },
    async destroy() {
      socket.destroy();
    },
  });
  return side;
}

/** What holds for every line that a client writes; what a transcript does not speak of is answered. */
function createClientRules(schema, write) {
  const isLine = schema('ToHelper');
  const table = createJobTable();
  const asked = new Map();
  return {
    /** What the transcript has the helper say. */
    asks(line) {
      const message = parse(line);
      if (typeof message !== 'object' || message === null) return;
      if (message.method !== undefined && message.params?.id !== undefined)
        table.onNotification(message);
      const request = asked.get(message.id);
      asked.delete(message.id);
      if (request && message.result) table.onResult(request, message.result);
    },
    /** Answers what no transcript need speak of. */
    answers(line) {
      const message = parse(line);
      if (message?.id === undefined || isLine(message) !== undefined) return false;
      return table.answer(message, (answer) => write({ id: message.id, ...answer }));
    },
    read(line) {
      const message = JSON.parse(line);
      const flaw = isLine(message);
      if (flaw !== undefined) throw new Error(`it is not what the schema says: ${flaw}: ${line}`);
      if (asked.has(message.id)) throw new Error(`two requests with the id ${message.id}`);
      if (message.id !== undefined) asked.set(message.id, message);
      return message;
    },
    get unanswered() {
      return [];
    },
  };
}

/** Undefined: it is no JSON. */
function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
