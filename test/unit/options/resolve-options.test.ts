import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type HelperOptions, resolveOptions } from '../../../src/options/resolve-options.js';
import { platformStateDir } from '../../../src/options/state-directory.js';

const refusal = (message: RegExp) =>
  expect.objectContaining({
    name: 'HelperError',
    code: 'OPTION_INVALID',
    message: expect.stringMatching(message),
  });

describe('resolved options', () => {
  it('have a default for everything', () => {
    expect(resolveOptions({})).toEqual({
      torrentDir: resolve('.'),
      downloadDir: resolve('.'),
      tracker: { kind: 'embedded', port: undefined },
      addedTrackers: [],
      host: '127.0.0.1',
      listen: '127.0.0.1',
      port: 0,
      isPublic: false,
      usesDht: true,
      downBytesPerSecond: undefined,
      upBytesPerSecond: undefined,
      giveUpMs: undefined,
      session: undefined,
      stateDir: platformStateDir(),
      isStateDirGiven: false,
      maxActive: 200,
      isRestFree: true,
      moveCompleted: undefined,
      engineWorkerUrl: undefined,
      onEof: 'finish',
    });
  });

  it('take an option that is undefined as one left out', () => {
    const none: HelperOptions = {
      torrentDir: undefined,
      downloadDir: undefined,
      tracker: undefined,
      host: undefined,
      noTracker: undefined,
      listen: undefined,
      port: undefined,
      trackerPort: undefined,
      public: undefined,
      noDht: undefined,
      down: undefined,
      up: undefined,
      giveUp: undefined,
      onEof: undefined,
      session: undefined,
      stateDir: undefined,
      maxActive: undefined,
      moveCompleted: undefined,
      engineWorkerUrl: undefined,
    };
    expect(resolveOptions(none)).toEqual(resolveOptions({}));
  });

  it('make directories absolute', () => {
    expect(resolveOptions({ torrentDir: 'a', downloadDir: '/b/../c' })).toMatchObject({
      torrentDir: resolve('a'),
      downloadDir: '/c',
    });
  });

  it('take a path of a file for its URL', () => {
    const href = pathToFileURL(resolve('engine.cjs')).href;
    for (const given of ['engine.cjs', resolve('engine.cjs'), href, new URL(href)]) {
      expect(resolveOptions({ engineWorkerUrl: given }).engineWorkerUrl?.href).toBe(href);
    }
  });

  it('listen where the host is, if nothing else is said', () => {
    expect(resolveOptions({ host: '192.168.1.20' }).listen).toBe('192.168.1.20');
    expect(resolveOptions({ host: '192.168.1.20', listen: '0.0.0.0' }).listen).toBe('0.0.0.0');
    expect(resolveOptions({ host: '::1' })).toMatchObject({ host: '::1', listen: '::1' });
  });

  it('read rates and times', () => {
    expect(resolveOptions({ down: '2M', up: 1500, giveUp: 0.5 })).toMatchObject({
      downBytesPerSecond: 2 * 2 ** 20,
      upBytesPerSecond: 1500,
      giveUpMs: 500,
    });
  });

  it('choose between the embedded tracker, given ones, and none', () => {
    const url = 'udp://tracker.example:6969/announce';
    expect(resolveOptions({ trackerPort: 7000 }).tracker).toEqual({
      kind: 'embedded',
      port: 7000,
    });
    expect(resolveOptions({ tracker: url })).toMatchObject({
      tracker: { kind: 'given', urls: [url] },
      addedTrackers: [[url]],
    });
    expect(resolveOptions({ tracker: [] }).tracker.kind).toBe('embedded');
    expect(resolveOptions({ noTracker: true, public: true })).toMatchObject({
      tracker: { kind: 'none' },
      addedTrackers: [],
      isPublic: true,
    });
  });

  it.each<[HelperOptions, RegExp]>([
    [{ session: '../other' }, /^--session \.\.\/other: expected a name/],
    [{ session: '' }, /^--session : expected a name/],
    [{ session: 'a'.repeat(65) }, /expected a name of up to 64/],
    [{ maxActive: 0 }, /^--max-active 0: expected a whole number/],
    [{ maxActive: 1.5 }, /^--max-active 1.5/],
    [{ stateDir: '' }, /^--state-dir : expected the path of a folder/],
    [{ moveCompleted: '' }, /^--move-completed : expected the path of a folder/],
    [{ engineWorkerUrl: '' }, /^engineWorkerUrl : expected a file: URL, or a path$/],
    [{ engineWorkerUrl: 'http://a.example/e.cjs' }, /^engineWorkerUrl http:.*: expected a file/],
    [{ torrentDir: '' }, /^--torrent-dir : expected the path of a folder/],
    [{ downloadDir: '' }, /^--download-dir : expected the path of a folder/],
    [{ host: 'localhost' }, /^--host localhost: expected an IP address/],
    [{ listen: '' }, /^--listen : expected an IP address/],
    [{ port: 0 }, /^--port 0: expected a port number from 1 to 65534/],
    [{ port: 65_535 }, /^--port 65535: expected/],
    [{ port: 80.5 }, /^--port 80\.5: expected/],
    [{ port: Number.NaN }, /^--port NaN: expected/],
    [{ trackerPort: -1 }, /^--tracker-port -1: expected a port number/],
    [{ down: 'fast' }, /^--down fast: expected bytes a second/],
    [{ up: -5 }, /^--up -5: expected bytes a second/],
    [{ giveUp: 0 }, /^--give-up 0: expected a number of seconds above 0/],
    [{ giveUp: Number.POSITIVE_INFINITY }, /^--give-up Infinity: expected/],
    [{ giveUp: Number.NaN }, /^--give-up NaN: expected/],
    [{ tracker: 'nonsense' }, /^--tracker nonsense: expected a URL that begins with/],
    [{ tracker: 'ftp://a.example/' }, /^--tracker ftp:\/\/a\.example\/: expected a URL/],
    [{ tracker: ['http://a.example/announce', 'x'] }, /^--tracker x: expected/],
    [{ tracker: 'wss://a.example' }, /^--tracker wss:.*WebRTC.*not installed/],
    [{ noTracker: true }, /^--no-tracker: expected --public/],
    [{ noTracker: true, public: true, tracker: 'udp://a.example:1' }, /--tracker .*--no-tracker/],
  ])('refuse %j with a sentence that names the option', (options, message) => {
    expect(() => resolveOptions(options)).toThrow(refusal(message));
  });

  it('refuse what no type would let through', () => {
    const foreign: readonly [object, RegExp][] = [
      [{ onEof: 'sleep' }, /^--on-eof sleep: expected finish/],
      [{ torrentDir: 7 }, /^--torrent-dir 7: expected the path/],
      [{ port: '6881' }, /^--port 6881: expected a port number/],
      [{ host: 7 }, /^--host 7: expected an IP address/],
      [{ tracker: 7 }, /^--tracker 7: expected a URL/],
      [{ down: true }, /^--down true: expected bytes/],
    ];
    for (const [options, message] of foreign) {
      expect(() => resolveOptions(options)).toThrow(refusal(message));
    }
  });
});
