// What a parent writes on stdin: bytes to lines (src/stdio/read-lines.ts), lines to instructions.
import type { InputLine } from '../../../machines/types.js';
import { parseInstruction } from '../../../src/protocol/instruction-line.js';
import { readLines, type UnsupportedInput } from '../../../src/stdio/read-lines.js';
import { createRandom } from '../../support/random.js';
import { mutateBytes } from '../mutate/mutate-bytes.js';
import { check, pure, type Target } from '../target.js';

const samples = [
  'file:/srv/model.bin\ntorrent:model.bin.torrent\r\nmagnet:?xt=urn:btih:0123\nlist:\nquit:\n',
  'torrent:http://127.0.0.1/a.torrent\npause:1\nresume:1\nremove:2\ndelete:3\nmove:1:/srv\n',
  'file:\n\n\r\ntorrent:\0\nfile:\xff\xfe\nfile:Gr\xc3\xbc\xc3\x9fe \xf0\x9f\x8d\x84\ndelete:12',
  '\xff\xfef\0i\0l\0e\0:\0a\0\n\0',
  '\0f\0i\0l\0e\0:\0a\0\n',
  `\xef\xbb\xbffile:a\nfile:${'x'.repeat(90)}\n${'y'.repeat(300)}\r\nfile:${'z'.repeat(300)}`,
];

const tokens = [
  ...['file:', 'torrent:', 'magnet:', 'pause:', 'resume:', 'remove:', 'delete:', 'move:'],
  ...[
    'list:',
    'quit:',
    '\n',
    '\r\n',
    '\r',
    '\0',
    '\xff',
    '\xff\xfe',
    '\xef\xbb\xbf',
    '\xc3',
    '\xe2\x80\xa8',
    '9007199254740993',
  ],
];

export const instructionLines: Target = {
  name: 'instruction-lines',
  about: 'lines of stdin, in chunks of any size',
  samples: () =>
    samples.map((text, mode) => Buffer.from(String.fromCharCode(mode) + text, 'latin1')),
  mutate: mutateBytes(tokens),
  open: pure(async (input) => {
    // The first byte says how long a line may be, and how the rest comes in chunks.
    const [mode = 0] = input;
    const bytes = input.subarray(1);
    const limitBytes = mode % 4 === 0 ? 64 * 1024 : 16 + mode;
    const lines = await linesOf([bytes], limitBytes);
    const chunked = await linesOf(chunksOf(bytes, mode), limitBytes);
    check(JSON.stringify(lines) === JSON.stringify(chunked), () => 'other chunks make other lines');
    if (lines.some(isUnsupported)) {
      check(lines.length === 1, () => 'lines are read from what is not supported');
      check(isUtf16(bytes), () => 'UTF-8 is taken for UTF-16');
      return;
    }
    const instructions = lines.filter(isLine).map(parseInstruction);
    const jobs = instructions.filter(startsJob).length;
    const expected = jobLinesOf(bytes);
    check(jobs === expected, () => `${expected} lines start a job, ${jobs} instructions do`);
    for (const instruction of instructions) checkInstruction(instruction);
  }),
};

type Read = InputLine | UnsupportedInput;
const isUnsupported = (read: Read) => read.kind === 'unsupported';
const isLine = (read: Read) => read.kind !== 'unsupported';

/** By the plain words: a byte order mark, or a NUL in every second of the first bytes and nowhere else in them. */
function isUtf16(bytes: Uint8Array): boolean {
  const begin = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  return /^(?:\xff\xfe|\xfe\xff|[^\0]\0[^\0]\0|\0[^\0]\0[^\0])/.test(begin);
}

async function linesOf(
  chunks: readonly Uint8Array[],
  limitBytes: number,
): Promise<readonly Read[]> {
  async function* input() {
    for (const chunk of chunks) {
      const buffer = Uint8Array.from(chunk);
      yield buffer;
      // Who has taken a chunk must not look at it again.
      buffer.fill(0x2a);
    }
  }
  const lines: Read[] = [];
  for await (const line of readLines(input(), limitBytes)) {
    check(line.kind !== 'text' || !line.text.includes('\n'), () => 'a line has a line feed in it');
    lines.push(line);
  }
  return lines;
}

function chunksOf(bytes: Uint8Array, mode: number): readonly Uint8Array[] {
  const random = createRandom(String(mode));
  const longest = random.pick([1, 2, 7, 100, 4096]);
  const chunks: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const chunk = bytes.subarray(offset, offset + 1 + random.below(longest));
    chunks.push(chunk);
    offset += chunk.length;
  }
  return chunks;
}

/** A plain model: behind a byte order mark, what begins with the prefix of a job takes an id, whatever follows. */
function jobLinesOf(bytes: Uint8Array): number {
  const lines = Buffer.from(bytes)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .split('\n');
  return lines.filter((line) => /^(file|torrent|magnet):/.test(line)).length;
}

function startsJob(instruction: ReturnType<typeof parseInstruction>): boolean {
  return ['seed', 'download', 'invalid'].includes(instruction?.kind ?? '');
}

function checkInstruction(instruction: ReturnType<typeof parseInstruction>): void {
  if (instruction === undefined) return;
  if ('id' in instruction) {
    check(Number.isSafeInteger(instruction.id) && instruction.id > 0, () => 'an id is no id');
  }
  if (instruction.kind === 'seed' || instruction.kind === 'download') {
    check(!/\0/.test(instruction.given) && instruction.given !== '', () => 'a job names nothing');
  }
}
