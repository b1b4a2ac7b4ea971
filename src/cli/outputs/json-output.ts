// The JSON dialect over stdio: what starts the helper is its parent, and may do everything.
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { type Dialect, openDialect } from '../../dialect/dialect.js';
import { dialectLimits } from '../../limits.js';
import type { LineWriter } from '../../stdio/write-lines.js';
import type { HelperOutput } from './output.js';

export function jsonOutput(stdout: Writable, people: LineWriter): HelperOutput {
  return {
    people,
    begin({ speaking }) {
      const dialect = openDialect(speaking);
      const connection = dialect.connect({ output: stdout, mayControl: true, isWatcher: false });
      return {
        dialect,
        written: allWritten(dialect, stdout),
        maxLineBytes: dialectLimits.lineBytes,
        async take(lines) {
          for (const line of lines) await connection.take(line);
        },
      };
    },
  };
}

async function allWritten(dialect: Dialect, stdout: Writable): Promise<void> {
  // Rejects where it cannot be written.
  await Promise.race([dialect.finished, once(stdout, 'close')]);
  await new Promise<void>((resolve, reject) => {
    stdout.write('', (error) => (error ? reject(error) : resolve()));
  });
}
