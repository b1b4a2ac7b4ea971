import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandTable, optionsOf } from '../../../../src/cli/arguments/command-table.js';
import { helpText } from '../../../../src/cli/arguments/help-text.js';
import { isInstruction, meantBy } from '../../../../src/cli/arguments/meant-by.js';
import { flagOf, optionTable } from '../../../../src/cli/arguments/option-table.js';
import { parseArguments, type RunCommand } from '../../../../src/cli/arguments/parse-arguments.js';
import { HelperError } from '../../../../src/errors.js';

const refusal = (message: RegExp, code = 'OPTION_INVALID') =>
  expect.objectContaining({
    name: 'HelperError',
    code,
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
      inspect: undefined,
      record: undefined,
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
    [[], { output: 'auto', socket: undefined }],
    [['--json'], { output: 'json' }],
    [['--json=1'], { output: 'json' }],
    [['--json', 'file:a'], { output: 'json', instructions: ['file:a'] }],
    [['--lines', '--', 'file:--json=2'], { output: 'lines' }],
    [['--socket', 'a b'], { socket: { path: 'a b', hasControl: false } }],
    [['--socket=a', '--socket-control'], { socket: { path: 'a', hasControl: true } }],
    [['--stop-with', '4711'], { stopWith: 4711 }],
    [['--stop-with', 'parent'], { stopWith: 'parent' }],
    [['--inspect'], { inspect: { page: 'own', port: undefined } }],
    [['--inspect', 'file:a'], { inspect: { page: 'own', port: undefined } }],
    [['--inspect=9229', 'file:a'], { inspect: { page: 'own', port: 9229 } }],
    [['--inspect=stately'], { inspect: { page: 'stately' } }],
    [['--inspect', '--inspect=9230'], { inspect: { page: 'own', port: 9230 } }],
    [['--', 'file:--inspect'], { inspect: undefined }],
    [['--inspect-record', 'a b'], { inspect: undefined, record: 'a b' }],
    [['--quiet'], { quiet: true }],
  ])('%j are understood', (args, expected) => {
    expect(run(...args)).toMatchObject(expected);
  });

  it('have a test above for every option', () => {
    const given = [
      ...['torrent-dir', 'download-dir', 'tracker', 'no-tracker', 'public', 'host', 'listen'],
      ...['port', 'tracker-port', 'no-dht', 'down', 'up', 'give-up', 'on-eof', 'inspect', 'quiet'],
      ...['session', 'state-dir', 'max-active', 'move-completed', 'stop-with'],
      ...['json', 'lines', 'socket', 'socket-control', 'inspect-record'],
    ];
    expect(optionTable.map(({ name }) => name).sort()).toEqual(given.sort());
  });

  it('carry instructions between and after the options, in their order', () => {
    const { instructions, options } = run('file:a', '--public', 'torrent:b c', '--', 'pause:1');
    expect(instructions).toEqual(['file:a', 'torrent:b c', 'pause:1']);
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
    [['--json=2'], /^--json 2: expected 1$/],
    [['--json='], /^--json : expected 1$/],
    [['--inspect=0'], /^--inspect 0: expected a port number from 1 to 65535, or stately$/],
    [['--inspect='], /^--inspect : expected PORT\|stately$/],
    [['--inspect=65536'], /^--inspect 65536: expected a port number/],
    [['--inspect=nowhere'], /^--inspect nowhere: expected a port number/],
    [['--inspect', '9229'], /^--inspect 9229: expected --inspect=9229$/],
    [['--inspect', 'stately'], /^--inspect stately: expected --inspect=stately$/],
    [['--inspect-record'], /--inspect-record/],
    [['--inspect-record', ''], /^--inspect-record : expected a path/],
    [['--torrent-dir', '--inspect'], /--torrent-dir/],
    [['inspect'], /^inspect: expected inspect FILE; see --help/],
    [['inspect', 'a', 'b'], /^inspect a b: expected inspect FILE/],
    [['inspect', 'a', '--port', '0'], /^--port 0: expected a port number from 1 to 65535$/],
    [['inspect', 'a', '--inspect'], /^--inspect: expected of inspect are --port alone/],
    [['--json', '--lines'], /^--lines: expected without --json/],
    [['--socket', ''], /^--socket : expected a path/],
    [['--socket-control'], /^--socket-control: expected with --socket PATH/],
    [['make'], /^make: expected make PATH\.\.\.; see --help/],
    [['make', 'a', ''], /^make a : expected make PATH/],
    [['make', 'a', '--up', '1'], /^--up: expected of make are --torrent-dir, .* --quiet alone/],
    [['completion'], /^completion: expected completion bash\|zsh\|fish; see --help/],
    [['completion', 'tcsh'], /^completion tcsh: expected completion bash\|zsh\|fish/],
    [['man', 'file:a'], /^man file:a: expected options only/],
    [['show'], /^show: expected show SOURCE/],
    [['show', 'a', 'b'], /^show a b: expected show SOURCE/],
    [['watch'], /^watch: expected watch SOCKET/],
    [['watch', ''], /^watch : expected watch SOCKET/],
    [['watch', 'a', 'b'], /^watch a b: expected watch SOCKET/],
    [['watch', 'a', '--quiet'], /^--quiet: expected of watch are none/],
    [['--up', '-5'], /--up/],
    [['--stop-with', '0'], /^--stop-with 0: expected the id of a process, or parent/],
    [['--stop-with', '-1'], /--stop-with/],
    [['--stop-with', '4711x'], /^--stop-with 4711x: expected the id/],
    [['--stop-with', '99999999999'], /^--stop-with 99999999999: expected the id/],
    [['--stop-with='], /^--stop-with : expected the id/],
    [['tracker', 'file:a'], /^tracker file:a: expected options only/],
    [['tracker', 'tracker'], /^tracker tracker: expected options only/],
    [
      ['tracker', '--public'],
      /^--public: expected of tracker are --host, --listen, --port, --stop/,
    ],
    [['--quiet', 'tracker'], /^--quiet: expected of tracker are/],
    [['tracker', '--nonsense'], /--nonsense/],
    [['tracker', '--port', 'x'], /^--port x: expected a number/],
  ])('%j are refused in one line that names what is wrong', (args, message) => {
    expect(() => parseArguments(args)).toThrow(refusal(message));
    expect(() => parseArguments(args)).toThrow(refusal(/^[^\n]+$/));
  });

  it.each<[string, RegExp]>([
    ['README.md', /^README\.md: expected an instruction; did you mean file:README\.md\?/],
    ['/srv/a b', /mean file:\/srv\/a b\?/],
    ['$&', /mean file:\$&\?/],
    ['--', /mean file:--\?/],
    ['a.torrent', /mean torrent:a\.torrent\?/],
    ['https://example.org/a', /mean torrent:https:\/\/example\.org\/a\?/],
    ['HTTP://example.org/a.torrent', /mean torrent:HTTP:/],
    ['http://example.org/announce', /mean --tracker http:/],
    ['udp://example.org:80', /mean --tracker udp:/],
    ['0123456789abcdef0123456789ABCDEF01234567', /mean torrent:0123/],
    ['urn:btih:0123', /mean magnet:\?xt=urn:btih:0123\?/],
    ['File:a:b', /mean file:a:b\?/],
    [' torrent:a', /mean torrent:a\?/],
    ['Magnet:?xt=1', /mean magnet:\?xt=1\?/],
    ['help', /mean --help\?/],
    ['version', /mean --version\?/],
    ['seed', /mean file:PATH\?/],
    ['info', /mean show SOURCE\?/],
    ['stately', /mean --inspect=stately\?/],
    ['inspct', /mean inspect, or file:inspct\?/],
    ['download', /mean torrent:SOURCE\?/],
    ['quit', /mean quit:\?/],
    ['list: ', /list:, quit:\?/],
    ['mak', /^mak: expected an instruction; did you mean make, or file:mak\?/],
    ['shwo', /mean show, or file:shwo\?/],
    ['watchh', /mean watch, or file:watchh\?/],
    ['mama', /mean file:mama\?/],
    ['verify', /verify:ID, announce:ID/],
    ['pause', /pause:ID/],
    ['pause:x', /pause:ID/],
    ['move:1', /mean move:ID:DIR\?/],
    ['-', /^-: expected an instruction; stdin is read without it/],
    ['', /^an empty argument: expected an instruction/],
  ])('that are no instruction are refused, and told what was meant: %j', (text, message) => {
    for (const args of [
      ['--', text],
      ['file:a', '--public', '--', text],
    ]) {
      expect(() => parseArguments(args)).toThrow(refusal(message, 'INSTRUCTION_INVALID'));
    }
  });

  it('are not told to be what would be no instruction again', () => {
    const word = fc.string({ unit: 'binary', minLength: 1 });
    fc.assert(
      fc.property(word, (text) => {
        fc.pre(!isInstruction(text));
        const [, meant = ''] = /did you mean (.*)\? See --help$/s.exec(meantBy(text)) ?? [];
        if (/^(file|torrent|magnet):./s.test(meant)) expect(isInstruction(meant)).toBe(true);
      }),
    );
  });

  it.each([
    ['-h'],
    ['-hV'],
    ['--help'],
    ['--help', 'file:a'],
    ['--help', 'README.md'],
    ['--help', '--version'],
  ])('ask for help: %j', (...args) => {
    expect(parseArguments(args.flat())).toEqual({ kind: 'help' });
  });

  it.each([['--version'], ['-V'], ['tracker', '--version'], ['-V', 'README.md']])(
    'ask for the version: %j',
    (...args) => {
      expect(parseArguments(args.flat())).toEqual({ kind: 'version' });
    },
  );

  it.each([
    [
      ['make', 'a', 'b c', '--json', '--torrent-dir=d', '--tracker=udp://x', '--state-dir=s'],
      {
        kind: 'make',
        paths: ['a', 'b c'],
        isJson: true,
        quiet: false,
        options: { torrentDir: 'd', tracker: ['udp://x'], stateDir: 's', public: false },
      },
    ],
    [
      ['--host=10.0.0.1', 'make', '--tracker-port=80', '--public', '--quiet', '--', '--a'],
      {
        paths: ['--a'],
        isJson: false,
        quiet: true,
        options: { host: '10.0.0.1', trackerPort: 80, public: true, noTracker: false },
      },
    ],
    [
      ['show', 'a.torrent', '--json=1', '--torrent-dir=d', '--give-up=1.5', '--no-dht'],
      {
        kind: 'show',
        source: 'a.torrent',
        isJson: true,
        options: { torrentDir: 'd', giveUp: 1.5, noDht: true },
      },
    ],
    [
      ['show', 'magnet:?x', '--port=80', '--listen=::', '--host=::1', '--tracker=udp://x'],
      {
        source: 'magnet:?x',
        options: { port: 80, listen: '::', host: '::1', tracker: ['udp://x'] },
      },
    ],
  ])('name a command that ends by itself: %j', (args, expected) => {
    expect(parseArguments(args)).toMatchObject(expected);
  });

  it('ask for the completion of a shell, and for the manual page', () => {
    expect(parseArguments(['completion', 'zsh'])).toEqual({ kind: 'completion', shell: 'zsh' });
    expect(parseArguments(['man'])).toEqual({ kind: 'man' });
  });

  it('have `watch` for their first word to show a helper by its socket', () => {
    expect(parseArguments(['watch', '/run/a b'])).toEqual({
      kind: 'watch',
      socketPath: '/run/a b',
    });
  });

  it('have `inspect` for their first word to show what was recorded', () => {
    expect(parseArguments(['inspect', 'a b', '--port=9229'])).toEqual({
      kind: 'inspect',
      file: 'a b',
      port: 9229,
    });
  });

  it('have `tracker` for their first word, before or behind the options, for a tracker alone', () => {
    expect(parseArguments(['tracker'])).toEqual({ kind: 'tracker', options: {} });
    for (const args of [
      ['tracker', '--host', '10.0.0.1', '--port', '80'],
      ['--host', '10.0.0.1', 'tracker', '--port', '80'],
      ['--host', '10.0.0.1', '--port=80', '--', 'tracker'],
    ]) {
      const options = { host: '10.0.0.1', port: 80 };
      expect(parseArguments(args)).toEqual({ kind: 'tracker', options });
    }
    expect(parseArguments(['--stop-with', 'parent', 'tracker'])).toMatchObject({
      kind: 'tracker',
      stopWith: 'parent',
    });
  });

  it.each(commandTable)('may not have $name behind an instruction', ({ name }) => {
    expect(() => parseArguments(['file:a', name])).toThrow(
      refusal(new RegExp(`^${name}: expected as the first word`), 'INSTRUCTION_INVALID'),
    );
  });

  it('are understood or refused, whatever they are', () => {
    const words = [
      ...optionTable.flatMap(({ name }) => [`--${name}`, `--${name}=1`, `--${name}=`]),
      ...commandTable.map(({ name }) => name),
      ...['--', '-', '-h', '', 'file:a', 'a', '7', '--json=2'],
    ];
    const word = fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (args) => {
        try {
          parseArguments(args);
        } catch (error) {
          expect(error).toBeInstanceOf(HelperError);
        }
      }),
    );
  });
});

describe('the help', () => {
  it('names every option with its value, and every command, and fits a terminal', () => {
    const text = helpText();
    for (const option of optionTable) expect(text).toContain(`${flagOf(option)} `);
    for (const { name } of commandTable) expect(text).toContain(` bittorrent-helper ${name}`);
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });

  it.each(commandTable)('of $name names its options alone, and fits a terminal', (command) => {
    expect(parseArguments([command.name, '--help'])).toEqual({ kind: 'help', of: command.name });
    const text = helpText(command.name);
    const [, options = ''] = text.split('\nOptions:\n');
    expect([...options.matchAll(/^ {2}--([\w-]+)/gm)].map(([, name]) => name)).toEqual(
      optionsOf(command).map(({ name }) => name),
    );
    expect(text).toContain(`Usage: bittorrent-helper ${command.name}`);
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });
});

describe('the commands', () => {
  it.each(commandTable)('take options that there are: $name', ({ options }) => {
    const names = optionTable.map(({ name }) => name);
    expect(Object.keys(options).filter((name) => !names.includes(name))).toEqual([]);
  });
});
