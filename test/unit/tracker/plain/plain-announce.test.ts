import { describe, expect, it } from 'vitest';
import { readPlainAnnounce } from '../../../../src/tracker/plain/plain-announce.js';

const line = 'GET /announce?info_hash=%00a&x=1 HTTP/1.1\r\n';
const host = 'Host: 127.0.0.1:6969\r\n';
const read = (text: string) => readPlainAnnounce(Buffer.from(text, 'latin1'));

it.each([
  ['no other header', ''],
  [
    'headers that change nothing',
    'user-agent: x/1 (y)\r\nAccept-Encoding: gzip\r\nAccept: */*\r\n',
  ],
])('an announce with %s is plain', (_, headers) => {
  expect(read(`${line}${host}${headers}\r\n`)).toEqual({
    query: 'info_hash=%00a&x=1',
    host: '127.0.0.1:6969',
  });
});

describe('for somebody who knows more of HTTP is', () => {
  it.each([
    ['half a request', `${line}${host}`],
    ['one and a half', `${line}${host}\r\n${line}`],
    ['two', `${line}${host}\r\n${line}${host}\r\n`],
    ['one with a body', `${line}${host}Content-Length: 1\r\n\r\nx`],
    ['one that announces none', `${line}${host}Transfer-Encoding: chunked\r\n\r\n`],
    ['the last of its connection', `${line}${host}Connection: close\r\n\r\n`],
    ['one of a web page', `${line}${host}Origin: http://a.example\r\n\r\n`],
    ['one without a host', `${line}\r\n`],
    ['one with two', `${line}${host}${host}\r\n`],
    ['a folded header', `${line}${host}Accept: a\r\n b\r\n\r\n`],
    ['a bare line feed', `${line}${host}Accept: a\n\r\n\r\n`],
    ['another method', `${line.replace('GET', 'POST')}${host}\r\n`],
    ['a method in small letters', `${line.replace('GET', 'get')}${host}\r\n`],
    ['a path in large letters', `${line.replace('announce', 'ANNOUNCE')}${host}\r\n`],
    ['another path', `${line.replace('announce', 'scrape')}${host}\r\n`],
    ['another version', `${line.replace('1.1', '1.0')}${host}\r\n`],
    ['a byte that URLs do not have', `${line.replace('a&', '\xff&')}${host}\r\n`],
    ['a long one', `${line}${host}Accept: ${'a'.repeat(4_096)}\r\n\r\n`],
    ['nothing', ''],
  ])('%s', (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  it('a text that is made to take long, and it takes no longer', () => {
    expect(read(`${line}${host}${'Accept: a\r\n'.repeat(350)}`)).toBeUndefined();
  });
});
