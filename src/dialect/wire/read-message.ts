// What one line asks for: a JSON-RPC 2.0 message, or an instruction of the line protocol. It looks at the frame alone, and
// knows no method.
import type { InputLine } from '../../../machines/types.js';
import { dialectLimits } from '../../limits.js';
import { maxLineBytes } from '../../protocol/instruction-line.js';
import type { RequestId } from '../schema/types.js';
import { type Fault, rpcCodes } from './write-message.js';

export type IncomingMessage =
  /** Without an id nobody waits for an answer. */
  | {
      readonly kind: 'request';
      readonly id: RequestId | undefined;
      readonly method: string;
      readonly params: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'instruction'; readonly line: InputLine }
  /** It is none of these; `id`: as far as it is known whose answer this is. */
  | { readonly kind: 'faulty'; readonly id: RequestId | null; readonly fault: Fault }
  /** An answer: nothing is asked here. */
  | { readonly kind: 'answer' };

export function readMessage(line: InputLine): IncomingMessage {
  const text = line.kind === 'text' ? line.text : line.head;
  // No instruction begins with a bracket, and who sends a batch waits for an answer.
  if (text.startsWith('[')) return faulty(null, rpcCodes.invalidRequest, 'batches are not taken');
  if (!text.startsWith('{')) return { kind: 'instruction', line: asInstruction(line) };
  if (line.kind === 'fault') return faulty(null, rpcCodes.parseError, faultOf(line.fault));
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return faulty(null, rpcCodes.parseError, `the line is not JSON: ${what.slice(0, 200)}`);
  }
  return isRecord(message)
    ? readRequest(message)
    : faulty(null, rpcCodes.invalidRequest, 'expected an object');
}

function readRequest(message: Readonly<Record<string, unknown>>): IncomingMessage {
  const { id: given, method, params = {}, jsonrpc } = message;
  if (method === undefined && ('result' in message || 'error' in message)) {
    return { kind: 'answer' };
  }
  const id = isId(given) ? given : null;
  const refuse = (why: string) => faulty(id, rpcCodes.invalidRequest, why);
  if (given !== undefined && id === null) {
    return refuse(
      `an id is a number, or a string of at most ${dialectLimits.requestIdLength} characters`,
    );
  }
  if (jsonrpc !== '2.0') return refuse('expected "jsonrpc":"2.0"');
  if (typeof method !== 'string') return refuse('expected a method');
  if (!isRecord(params)) {
    return faulty(id, rpcCodes.invalidParams, 'params are named: expected an object');
  }
  return { kind: 'request', id: id ?? undefined, method, params };
}

function isId(given: unknown): given is RequestId {
  if (typeof given === 'string') return isShort(given);
  return typeof given === 'number' && Number.isFinite(given);
}

/** Characters are counted, as everywhere, and not what JavaScript makes of them. */
function isShort(id: string): boolean {
  const most = dialectLimits.requestIdLength;
  return id.length <= most || (id.length <= 2 * most && [...id].length <= most);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One of the line protocol is no longer here than there. */
function asInstruction(line: InputLine): InputLine {
  if (line.kind !== 'text' || line.text.length <= maxLineBytes / 4) return line;
  if (Buffer.byteLength(line.text) <= maxLineBytes) return line;
  return { kind: 'fault', fault: 'too-long', head: line.text.slice(0, 200), ended: line.ended };
}

function faultOf(fault: 'too-long' | 'not-utf8'): string {
  return fault === 'too-long'
    ? `the line is longer than ${dialectLimits.lineBytes} bytes`
    : 'the line is not UTF-8';
}

function faulty(id: RequestId | null, code: number, message: string): IncomingMessage {
  return { kind: 'faulty', id, fault: { code, message } };
}
