// Opens a session when it is told to, says what came of it, and has it until it is killed. Arguments: the state directory,
// the session's name.
import { HelperError } from '../../../src/errors.js';
import { openSession } from '../../../src/session/open-session.js';

const [, , stateDir = '', name = ''] = process.argv;
process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
try {
  const session = await openSession({ stateDir, name });
  const instruction = { kind: 'seed', given: '/a' } as const;
  session.record({ type: 'began', id: session.lastId + 1, instruction });
  process.stdout.write('open\n');
} catch (error) {
  process.stdout.write(`${error instanceof HelperError ? error.code : error}\n`);
}
