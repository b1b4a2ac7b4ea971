// The grammar of instructions: names what one line asks for. It neither counts jobs nor looks at what a path or a
// source means.
import type { InputLine, Instruction, JobInstruction } from '../../machines/types.js';

/** The longest line that is taken, in bytes, without its line end. A longer one is refused as a whole. */
export const maxLineBytes = 64 * 1024;

const jobControls = ['pause', 'resume', 'remove', 'delete', 'verify', 'announce'] as const;

/**
 * The instruction in a line; undefined for an empty one. A last line without a line end is understood only if it begins
 * a job: a `delete:12` cut short would read `delete:1`.
 */
export function parseInstruction(line: InputLine): Instruction | undefined {
  const text = line.kind === 'text' ? line.text : `${line.head}…`;
  const [, prefix, rest] = /^(file:|torrent:|magnet:)(.*)$/s.exec(text) ?? [];
  if (prefix !== undefined && rest !== undefined) return jobInstruction(prefix, rest, line);
  if (text === '') return undefined;
  const control = line.kind === 'text' && line.ended ? controlInstruction(text) : undefined;
  return control ?? { kind: 'not-understood', line: text };
}

function jobInstruction(prefix: string, rest: string, line: InputLine): JobInstruction {
  // A magnet link is a source as a whole, prefix and all.
  const given = prefix === 'magnet:' ? prefix + rest : rest;
  const fault = faultOf(rest, line);
  if (fault !== undefined) {
    const message = `a line that begins with ${prefix} ${fault}`;
    return { kind: 'invalid', given, failure: { code: 'INSTRUCTION_INVALID', message } };
  }
  return { kind: prefix === 'file:' ? 'seed' : 'download', given };
}

function faultOf(rest: string, line: InputLine): string | undefined {
  if (line.kind === 'fault') {
    return line.fault === 'too-long'
      ? `is longer than ${maxLineBytes / 1024} KiB; it must be shorter`
      : 'is not valid UTF-8; it must be';
  }
  if (rest === '') return 'says nothing more; it must name what to publish or download';
  if (rest.includes('\0')) return 'holds a NUL character, which no path or source may';
  return undefined;
}

function controlInstruction(text: string): Instruction | undefined {
  if (text === 'list:') return { kind: 'list' };
  if (text === 'quit:') return { kind: 'quit' };
  const [, movedId, dir] = /^move:([^:]*):(.+)$/s.exec(text) ?? [];
  if (movedId !== undefined && dir !== undefined) return moveInstruction(movedId, dir);
  const kind = jobControls.find((control) => text.startsWith(`${control}:`));
  const id = kind && readId(text.slice(kind.length + 1));
  return kind && id ? { kind, id } : undefined;
}

/** The folder is the rest of the line as it stands, colons and all. */
function moveInstruction(digits: string, dir: string): Instruction | undefined {
  const id = readId(digits);
  return id && !dir.includes('\0') ? { kind: 'move', id, dir } : undefined;
}

/** Ids are written as we write them: 1, 2, 3 …, without sign, space, or leading zero. */
function readId(digits: string): number | undefined {
  const id = Number(digits);
  return /^[1-9]\d*$/.test(digits) && Number.isSafeInteger(id) ? id : undefined;
}
