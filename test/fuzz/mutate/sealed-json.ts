// JSON with a checksum, bent out of shape, with the checksum that it should have: what lies behind the check is tried, too.
import { encodeChecked, isFields } from '../../../src/files/versioned-json.js';

/** The bytes as they are; and sealed anew, if there is anything to seal. */
export function alsoSealed(bytes: Uint8Array): readonly Uint8Array[] {
  try {
    const found: unknown = JSON.parse(Buffer.from(bytes).toString());
    if (!isFields(found) || typeof found.version !== 'number') return [bytes];
    const { version, checksum, ...fields } = found;
    return checksum === undefined ? [bytes] : [bytes, encodeChecked(version, fields)];
  } catch {
    return [bytes];
  }
}
