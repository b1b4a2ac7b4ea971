// A client of a helper in the same process: over streams, as any other.
import { PassThrough, type Writable } from 'node:stream';
import type { Dialect } from '../../../src/dialect/dialect.js';
import { openDialect } from '../../../src/dialect/dialect.js';
import type { DialectConnection } from '../../../src/dialect/dialect-connection.js';
import type { Helper } from '../../../src/helper/helper.js';
import { eachLine } from '../processes/child-lines.js';
import { DialectClient } from './dialect-client.js';

export interface ConnectedClient {
  readonly client: DialectClient;
  readonly connection: DialectConnection;
  /** What it reads from; paused, it stalls. */
  readonly input: PassThrough;
}

export function speak(helper: Helper, quit = () => void helper.close()): Dialect {
  const identity = { version: '0.0.0', pid: 1, session: undefined };
  return openDialect({ helper, open: Promise.resolve(), identity, quit });
}

export function connect(
  dialect: Dialect,
  { mayControl = true, isWatcher = false, isRead = true } = {},
): ConnectedClient {
  const input = new PassThrough();
  const connection = dialect.connect({ output: input, mayControl, isWatcher });
  const client = new DialectClient((lines) => {
    for (const text of lines.split('\n').slice(0, -1)) {
      void connection.take({ kind: 'text', text, ended: true });
    }
  });
  if (isRead) eachLine(input, (line) => client.take(line));
  return { client, connection, input };
}

/** A stream that nobody reads: it takes so many bytes, and then none. */
export function unread(output: Writable): boolean {
  return output.writableNeedDrain;
}
