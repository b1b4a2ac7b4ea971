import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InputLine } from '../../../machines/types.js';
import { parseInstruction } from '../../../src/protocol/instruction-line.js';

const ended = (text: string): InputLine => ({ kind: 'text', text, ended: true });
const cut = (text: string): InputLine => ({ kind: 'text', text, ended: false });
const parse = (text: string) => parseInstruction(ended(text));

describe('parseInstruction', () => {
  it.each([
    ['file:/srv/model.bin', { kind: 'seed', given: '/srv/model.bin' }],
    ['file: two  spaces ', { kind: 'seed', given: ' two  spaces ' }],
    ['file:a\nb', { kind: 'seed', given: 'a\nb' }],
    ['torrent:http://host/x.torrent', { kind: 'download', given: 'http://host/x.torrent' }],
    ['torrent:magnet:?xt=1', { kind: 'download', given: 'magnet:?xt=1' }],
    ['torrent:x.torrent', { kind: 'download', given: 'x.torrent' }],
    ['magnet:?xt=1', { kind: 'download', given: 'magnet:?xt=1' }],
    ['pause:1', { kind: 'pause', id: 1 }],
    ['resume:20', { kind: 'resume', id: 20 }],
    ['remove:3', { kind: 'remove', id: 3 }],
    ['delete:9007199254740991', { kind: 'delete', id: Number.MAX_SAFE_INTEGER }],
    ['move:4:/srv/films', { kind: 'move', id: 4, dir: '/srv/films' }],
    ['move:4: C:\\a:b ', { kind: 'move', id: 4, dir: ' C:\\a:b ' }],
    ['move:4::', { kind: 'move', id: 4, dir: ':' }],
    ['list:', { kind: 'list' }],
    ['quit:', { kind: 'quit' }],
  ])('reads %j', (text, instruction) => {
    expect(parse(text)).toEqual(instruction);
  });

  it.each([
    'hello',
    ' file:x',
    'File:x',
    'FILE:x',
    'file',
    'list',
    'list: ',
    'list:1',
    'quit:now',
    'pause:',
    'pause:0',
    'pause:01',
    'pause:+1',
    'pause:-1',
    'pause: 1',
    'pause:1 ',
    'pause:1.0',
    'pause:1e3',
    'pause:0x1',
    'pause:١',
    'delete:9007199254740992',
    'pause:x',
    'move:',
    'move:1',
    'move:1:',
    'move::/srv',
    'move:01:/srv',
    'move:x:/srv',
    'move: 1:/srv',
    'move:1:/srv\0',
    'Move:1:/srv',
    'pause:1\n',
    '\ufefffile:x',
    ' ',
  ])('does not understand %j', (text) => {
    expect(parse(text)).toEqual({ kind: 'not-understood', line: text });
  });

  it('passes over an empty line', () => {
    expect(parse('')).toBeUndefined();
    expect(parseInstruction(cut(''))).toBeUndefined();
  });

  it.each([
    ['file:', ''],
    ['torrent:', ''],
    ['magnet:', 'magnet:'],
    ['file:a\0b', 'a\0b'],
  ])('counts %j as a job, though it cannot be one', (text, given) => {
    expect(parse(text)).toEqual({
      kind: 'invalid',
      given,
      failure: { code: 'INSTRUCTION_INVALID', message: expect.any(String) },
    });
  });

  it.each(['too-long', 'not-utf8'] as const)('counts a %s line that begins like a job', (fault) => {
    const invalid = (head: string) => parseInstruction({ kind: 'fault', fault, head, ended: true });
    expect(invalid('file:/srv/x')).toMatchObject({ kind: 'invalid', given: '/srv/x…' });
    expect(invalid('magnet:?xt')).toMatchObject({ kind: 'invalid', given: 'magnet:?xt…' });
    expect(invalid('pause:1')).toEqual({ kind: 'not-understood', line: 'pause:1…' });
  });

  it('carries out a last line without a line end only if it begins a job', () => {
    expect(parseInstruction(cut('file:x'))).toEqual({ kind: 'seed', given: 'x' });
    expect(parseInstruction(cut('torrent:'))).toMatchObject({ kind: 'invalid' });
    expect(
      parseInstruction({ kind: 'fault', fault: 'not-utf8', head: 'file:x', ended: false }),
    ).toMatchObject({
      kind: 'invalid',
    });
    for (const text of ['delete:1', 'move:1:/srv', 'quit:', 'list:', 'hello', 'fil']) {
      expect(parseInstruction(cut(text))).toEqual({ kind: 'not-understood', line: text });
    }
  });

  it('takes any line, and every line that begins a job as one', () => {
    const prefix = fc.constantFrom(
      '',
      'file:',
      'torrent:',
      'magnet:',
      'pause:',
      'delete:',
      'move:1:',
      'quit:',
      'list:',
    );
    const text = fc.tuple(prefix, fc.string({ unit: 'binary' })).map((parts) => parts.join(''));
    const line = fc.oneof(
      fc.record({ kind: fc.constant('text' as const), text, ended: fc.boolean() }),
      fc.record({
        kind: fc.constant('fault' as const),
        fault: fc.constantFrom('too-long' as const, 'not-utf8' as const),
        head: text,
        ended: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(line, (given) => {
        const beginsJob = /^(file|torrent|magnet):/.test(
          given.kind === 'text' ? given.text : given.head,
        );
        const kind = parseInstruction(given)?.kind;
        expect(kind === 'seed' || kind === 'download' || kind === 'invalid').toBe(beginsJob);
      }),
    );
  });
});
