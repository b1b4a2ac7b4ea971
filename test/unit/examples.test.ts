// The examples that no test runs: that they call the command as it is, and fit together.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/cli/arguments/parse-arguments.js';
import { resolveOptions } from '../../src/options/resolve-options.js';

const read = (path: string) => readFile(join(import.meta.dirname, '../../examples', path), 'utf8');

/** The options, as the command would take them. */
function optionsOf(args: readonly string[]) {
  const command = parseArguments(args);
  if (command.kind !== 'run') throw new Error(`a ${command.kind}`);
  return { ...resolveOptions(command.options), instructions: command.instructions };
}

describe('the systemd unit', () => {
  it('starts the command with options that there are, and an exit code for what is wrong with them', async () => {
    const unit = await read('systemd/bittorrent-helper.service');
    const [, host = ''] = /^Environment=HOST=(.*)$/m.exec(unit) ?? [];
    const [, line = ''] = /^ExecStart=\S*\/bittorrent-helper (.*)$/m.exec(unit) ?? [];
    const args = line
      .replaceAll(`\${HOST}`, host)
      .replaceAll(`\${STATE_DIRECTORY}`, '/var/lib/bittorrent-helper')
      .split(' ');
    expect(optionsOf(args)).toMatchObject({
      host: '127.0.0.1',
      onEof: 'seed',
      session: 'service',
      downloadDir: '/var/lib/bittorrent-helper/downloads',
      // They would be given again at each start, beside those of the session.
      instructions: [],
    });
    expect(unit).toMatch(/^RestartPreventExitStatus=2$/m);
  });

  it('reads the pipe of the socket unit', async () => {
    const unit = await read('systemd/bittorrent-helper.service');
    const socket = await read('systemd/bittorrent-helper.socket');
    expect(unit).toMatch(/^StandardInput=fd:bittorrent-helper\.socket$/m);
    const [, fifo = 'none'] = /^ListenFIFO=(.*)$/m.exec(socket) ?? [];
    expect(unit).toContain(`sudo tee ${fifo}\n`);
  });
});

describe('the Dockerfile', () => {
  it('starts the command with options that there are, on the ports that it exposes', async () => {
    const file = await read('docker/Dockerfile');
    const [, entry = ''] = /^ENTRYPOINT (\[.*\])$/m.exec(file) ?? [];
    const [program, ...args]: string[] = JSON.parse(entry);
    const [, given = ''] = / bittorrent-helper (--host .*)$/m.exec(file) ?? [];
    expect(program).toBe('bittorrent-helper');
    const { port, tracker, ...rest } = optionsOf([...args, ...given.split(' ')]);
    expect(rest).toMatchObject({
      host: '192.168.1.20',
      listen: '0.0.0.0',
      onEof: 'seed',
      session: undefined,
      stateDir: '/data/state',
      instructions: ['file:/srv/a.iso'],
    });
    expect(tracker).toEqual({ kind: 'embedded', port: 6969 });
    expect(file).toMatch(new RegExp(`^EXPOSE ${port}/tcp 6969/tcp 6969/udp$`, 'm'));
  });
});
