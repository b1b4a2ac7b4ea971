// How a helper introduces itself, by `helper.ready` and `helper.describe`.
import { HelperError } from '../../errors.js';
import { fieldsOf, listIn, numberIn, textIn, textsIn } from './read-fields.js';

export interface HelperFacts {
  /** The version of the dialect, as `1.0`. */
  readonly protocol: string;
  /** Of the program. */
  readonly version: string;
  readonly pid: number | undefined;
  /** What it can do: to be asked instead of a version. */
  readonly capabilities: ReadonlySet<string>;
  /** Where peers connect. */
  readonly peerPort: number | undefined;
  /** What torrents made there announce to, by tier (BEP 12). */
  readonly announce: readonly (readonly string[])[];
  /** The id that the next job takes. */
  readonly nextId: number;
  /** The name of its session, if it keeps its jobs. */
  readonly session: string | undefined;
}

const majorVersion = '1';

/** Throws INPUT_UNSUPPORTED for a dialect that this does not speak. */
export function readHelperFacts(value: unknown): HelperFacts {
  const fields = fieldsOf(value);
  const protocol = textIn(fields, 'protocol') ?? 'none';
  if (protocol.split('.')[0] !== majorVersion) {
    const message = `the helper speaks version ${protocol} of the dialect, and this program ${majorVersion}`;
    throw new HelperError('INPUT_UNSUPPORTED', message);
  }
  return {
    protocol,
    version: textIn(fields, 'version') ?? '',
    pid: numberIn(fields, 'pid'),
    capabilities: new Set(textsIn(fields, 'capabilities')),
    peerPort: numberIn(fields, 'peerPort'),
    announce: listIn(fields, 'announce').map((tier) => textsIn({ tier }, 'tier')),
    nextId: numberIn(fields, 'nextId') ?? 1,
    session: textIn(fields, 'session'),
  };
}
