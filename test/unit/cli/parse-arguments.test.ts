import { describe, expect, it } from 'vitest';
import { helpText } from '../../../src/cli/help-text.js';
import { optionTable, parseArguments, type RunCommand } from '../../../src/cli/parse-arguments.js';

const refusal = (message: RegExp) =>
  expect.objectContaining({
    name: 'HelperError',
    code: 'OPTION_INVALID',
    message: expect.stringMatching(message),
  });

function run(...args: string[]): RunCommand {
  const command = parseArguments(args);
  if (command.kind !== 'run') throw new Error(`understood as ${command.kind}`);
  return command;
}

describe('the arguments', () => {
  it('may be none at all', () => {
    expect(run()).toMatchObject({
      inspect: false,
      quiet: false,
      instructions: [],
      options: { public: false, noDht: false, noTracker: false, onEof: 'finish' },
    });
  });

  it.each<[string[], Partial<RunCommand> | { options: object }]>([
    [['--torrent-dir', 'a b'], { options: { torrentDir: 'a b' } }],
    [['--download-dir=/srv'], { options: { downloadDir: '/srv' } }],
    [
      ['--tracker', 'udp://a:1', '--tracker', 'udp://b:2'],
      { options: { tracker: ['udp://a:1', 'udp://b:2'] } },
    ],
    [['--no-tracker', '--public'], { options: { noTracker: true, public: true } }],
    [['--host', '192.168.1.20'], { options: { host: '192.168.1.20' } }],
    [['--listen', '0.0.0.0'], { options: { listen: '0.0.0.0' } }],
    [['--port', '6881'], { options: { port: 6881 } }],
    [['--tracker-port', '7000'], { options: { trackerPort: 7000 } }],
    [['--no-dht'], { options: { noDht: true } }],
    [['--down', '500K', '--up', '2M'], { options: { down: '500K', up: '2M' } }],
    [['--give-up', '1.5'], { options: { giveUp: 1.5 } }],
    [['--on-eof', 'stop'], { options: { onEof: 'stop' } }],
    [['--on-eof', 'seed'], { options: { onEof: 'seed' } }],
    [['--session', 'a b'], { options: { session: 'a b' } }],
    [['--state-dir', '/var/lib/helper'], { options: { stateDir: '/var/lib/helper' } }],
    [['--max-active', '7'], { options: { maxActive: 7 } }],
    [['--move-completed', '/done'], { options: { moveCompleted: '/done' } }],
    [['--inspect'], { inspect: true }],
    [['--quiet'], { quiet: true }],
  ])('%j are understood', (args, expected) => {
    expect(run(...args)).toMatchObject(expected);
  });

  it('have a test above for every option', () => {
    const given = [
      ...['torrent-dir', 'download-dir', 'tracker', 'no-tracker', 'public', 'host', 'listen'],
      ...['port', 'tracker-port', 'no-dht', 'down', 'up', 'give-up', 'on-eof', 'inspect', 'quiet'],
      ...['session', 'state-dir', 'max-active', 'move-completed'],
    ];
    expect(optionTable.map(({ name }) => name).sort()).toEqual(given.sort());
  });

  it('carry instructions between and after the options, in their order', () => {
    const { instructions, options } = run('file:a', '--public', 'torrent:b c', '--', '--public');
    expect(instructions).toEqual(['file:a', 'torrent:b c', '--public']);
    expect(options.public).toBe(true);
  });

  it('mean the last value of an option that is given twice', () => {
    expect(run('--port', '1', '--port', '2').options.port).toBe(2);
  });

  it.each<[string[], RegExp]>([
    [['--nonsense'], /--nonsense/],
    [['-x'], /-x/],
    [['--port'], /--port.*(missing|value)/],
    [['--port', 'many'], /^--port many: expected a number/],
    [['--port', ''], /^--port : expected a number/],
    [['--port', '0x10'], /^--port 0x10: expected a number/],
    [['--tracker-port', '1e3'], /^--tracker-port 1e3: expected a number/],
    [['--give-up', 'soon'], /^--give-up soon: expected a number/],
    [['--on-eof', 'sleep'], /^--on-eof sleep: expected finish, stop or seed/],
    [['--quiet=yes'], /--quiet/],
    [['--up', '-5'], /--up/],
    [['tracker', 'file:a'], /^tracker file:a: expected options only/],
    [['tracker', '--public'], /--public/],
    [['tracker', '--port', 'x'], /^--port x: expected a number/],
  ])('%j are refused in one line that names what is wrong', (args, message) => {
    expect(() => parseArguments(args)).toThrow(refusal(message));
    expect(() => parseArguments(args)).toThrow(refusal(/^[^\n]+$/));
  });

  it.each([['--help'], ['--help', 'file:a'], ['tracker', '--help'], ['--help', '--version']])(
    'ask for help: %j',
    (...args) => {
      expect(parseArguments(args.flat())).toEqual({ kind: 'help' });
    },
  );

  it('ask for the version', () => {
    expect(parseArguments(['--version'])).toEqual({ kind: 'version' });
  });

  it('begin with `tracker` for a tracker alone', () => {
    expect(parseArguments(['tracker'])).toEqual({ kind: 'tracker', options: {} });
    expect(parseArguments(['tracker', '--host', '10.0.0.1', '--port', '80'])).toEqual({
      kind: 'tracker',
      options: { host: '10.0.0.1', port: 80 },
    });
    expect(run('--public', 'tracker').instructions).toEqual(['tracker']);
  });
});

describe('the help', () => {
  it('names every option with its value, and fits a terminal', () => {
    const text = helpText();
    for (const { name, value } of optionTable) {
      expect(text).toContain(value === undefined ? `--${name} ` : `--${name} ${value}`);
    }
    expect(text.split('\n').filter((line) => line.length > 160)).toEqual([]);
  });
});
