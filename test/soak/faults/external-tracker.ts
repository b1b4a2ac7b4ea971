// A tracker in a process of its own, always on the same port, that can be killed, stopped for a while, and started again with nothing
// remembered; and one that takes connections and never answers.
import { createServer, type Socket } from 'node:net';
import { listenOn } from '../../support/web/listen-on.js';
import type { Processes, RunningProcess } from '../helper/processes.js';
import type { Journal } from '../journal.js';

export interface ExternalTracker {
  readonly announceUrl: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

export async function startExternalTracker(options: {
  readonly command: string;
  readonly folder: string;
  readonly port: number;
  readonly processes: Processes;
  readonly journal: Journal;
}): Promise<ExternalTracker> {
  const { command, folder, port, processes, journal } = options;
  let running: RunningProcess | undefined;
  let isToEnd = false;

  const start = async () => {
    isToEnd = false;
    let onReady = () => {};
    const ready = new Promise<void>((resolve) => {
      onReady = resolve;
    });
    const tracker = await processes.start(
      [process.execPath, command, 'tracker', '--port', `${port}`],
      {
        cwd: folder,
        onStdout: onReady,
        onStderr: (line) => journal.complain(`the tracker said: ${line}`),
      },
    );
    running = tracker;
    const end = tracker.exit.then((code) => {
      if (!isToEnd) journal.complain(`the tracker ended by itself (${code})`);
    });
    await Promise.race([ready, end]);
  };

  await start();
  return {
    announceUrl: `http://127.0.0.1:${port}/announce`,
    async kill() {
      isToEnd = true;
      running?.kill('SIGKILL');
      await running?.exit;
    },
    start,
    signal: (signal) => running?.kill(signal),
  };
}

export interface SilentTracker {
  readonly announceUrl: string;
  close(): void;
}

export async function startSilentTracker(port: number): Promise<SilentTracker> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
  });
  await listenOn(server, port);
  return {
    announceUrl: `http://127.0.0.1:${port}/announce`,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
