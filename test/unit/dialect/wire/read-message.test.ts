import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InputLine } from '../../../../machines/types.js';
import { readMessage } from '../../../../src/dialect/wire/read-message.js';
import { resultLine, wireJson } from '../../../../src/dialect/wire/write-message.js';

const text = (line: string, ended = true): InputLine => ({ kind: 'text', text: line, ended });
const read = (line: string) => readMessage(text(line));

describe('a line', () => {
  it.each([
    ['file:/a b', true],
    ['', true],
    [' {"jsonrpc":"2.0"}', true],
    ['delete:12', false],
  ])('that begins with no brace is an instruction: %j', (line, ended) => {
    expect(readMessage(text(line, ended))).toEqual({
      kind: 'instruction',
      line: text(line, ended),
    });
  });

  it('of the line protocol is no longer than there', () => {
    const message = read(`file:${'ä'.repeat(40_000)}`);
    expect(message).toMatchObject({
      kind: 'instruction',
      line: { kind: 'fault', fault: 'too-long' },
    });
    expect(read(`file:${'a'.repeat(60_000)}`)).toMatchObject({ line: { kind: 'text' } });
  });

  it('is a request, with or without an id', () => {
    expect(read('{"jsonrpc":"2.0","id":1,"method":"job.get","params":{"id":7}}')).toEqual({
      kind: 'request',
      id: 1,
      method: 'job.get',
      params: { id: 7 },
    });
    expect(read('{"jsonrpc":"2.0","method":"a"}')).toEqual({
      kind: 'request',
      id: undefined,
      method: 'a',
      params: {},
    });
  });

  it('may have an id of so many characters, however these are encoded', () => {
    const id = '😀'.repeat(256);
    expect(read(`{"jsonrpc":"2.0","id":"${id}","method":"a"}`)).toMatchObject({
      kind: 'request',
      id,
    });
  });

  it('may be an answer to nothing, and is passed over', () => {
    expect(read('{"jsonrpc":"2.0","id":1,"result":{}}')).toEqual({ kind: 'answer' });
  });

  it.each([
    ['{', null, -32700],
    ['{"jsonrpc":"2.0","id":1,"method":"a"', null, -32700],
    ['[{"jsonrpc":"2.0","id":1,"method":"a"}]', null, -32600],
    ['{"id":1,"method":"a"}', 1, -32600],
    ['{"jsonrpc":"1.0","id":"x","method":"a"}', 'x', -32600],
    ['{"jsonrpc":"2.0","id":1}', 1, -32600],
    ['{"jsonrpc":"2.0","id":1,"method":7}', 1, -32600],
    ['{"jsonrpc":"2.0","id":{},"method":"a"}', null, -32600],
    ['{"jsonrpc":"2.0","id":null,"method":"a"}', null, -32600],
    [`{"jsonrpc":"2.0","id":"${'x'.repeat(257)}","method":"a"}`, null, -32600],
    [`{"jsonrpc":"2.0","id":"${'😀'.repeat(257)}","method":"a"}`, null, -32600],
    ['{"jsonrpc":"2.0","id":1,"method":"a","params":[1]}', 1, -32602],
    ['{"jsonrpc":"2.0","id":1,"method":"a","params":null}', 1, -32602],
  ])('that is no request is answered: %s', (line, id, code) => {
    expect(read(line)).toMatchObject({ kind: 'faulty', id, fault: { code } });
  });

  it.each(['too-long', 'not-utf8'] as const)(
    'that is %s is answered, and never parsed',
    (fault) => {
      const head = '{"jsonrpc":"2.0","id":1,"method":"a"}';
      const message = readMessage({ kind: 'fault', fault, head, ended: true });
      expect(message).toMatchObject({ kind: 'faulty', id: null, fault: { code: -32700 } });
    },
  );

  it('of any bytes never throws', () => {
    const beginnings = fc.constantFrom('{', '[', '{"jsonrpc":"2.0",', '');
    fc.assert(
      fc.property(beginnings, fc.string({ unit: 'binary' }), (beginning, rest) => {
        readMessage(text(beginning + rest));
      }),
    );
    read('{"a":'.repeat(200_000));
  });
});

describe('what is written', () => {
  it('is one line, whatever a reader takes for its end, and the same value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const line = resultLine(1, wireJson({ name }));
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
        expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
        expect(JSON.parse(line).result.name).toBe(name);
      }),
    );
  });
});
