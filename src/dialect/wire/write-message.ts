// Messages as they leave: one line each, whatever a reader takes for the end of a line.
import type { RequestId } from '../schema/types.js';

/** JSON-RPC's codes for JSON-RPC's faults; all that is ours has one of its own, and a stable name in its data. */
export const rpcCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  helperError: -32000,
  /** As the Language Server Protocol has it. */
  requestCancelled: -32800,
} as const;

/** Why a request has no result. */
export interface Fault {
  readonly code: number;
  readonly message: string;
  readonly data?: object;
}

/** `json`: the result, as JSON already. */
export function resultLine(id: RequestId, json: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${json}}\n`;
}

export function faultLine(id: RequestId | null, fault: Fault): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"error":${wireJson(fault)}}\n`;
}

/** What is told unasked. */
export interface Notification {
  readonly method: string;
  readonly timeMs: number;
  /** What it says beside its number and its time, as JSON of an object. */
  readonly json: string;
  /** Of what may come again and again: the same for those of which the newest says all. */
  readonly slot?: string | undefined;
}

/** `seq`: its number among those of the connection. */
export function notificationLine({ method, timeMs, json }: Notification, seq: number): string {
  const rest = json === '{}' ? '}' : `,${json.slice(1)}`;
  return `{"jsonrpc":"2.0","method":"${method}","params":{"seq":${seq},"timeMs":${timeMs}${rest}}\n`;
}

/** Characters that JSON leaves as they are, and that some readers take for line ends or terminals for commands. */
const unsafe = /[\u007f-\u009f\u2028\u2029]/g;

/** What is undefined is left out, as JSON.stringify does. */
export function wireJson(value: object): string {
  return JSON.stringify(value).replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
