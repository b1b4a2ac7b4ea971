// Looks at what strangers send before the libraries do: at a length below nought their decoder goes backwards, and a
// dozen bytes (`d1:a-3:xe`) keep it going round for ever.
import { BencodeDictionary, decodeBencode } from '../metainfo/bencode.js';

/** Whether `bytes` are one bencoded dictionary (BEP 3), and nothing else. */
export function isBencodedDictionary(bytes: Uint8Array): boolean {
  try {
    return decodeBencode(bytes) instanceof BencodeDictionary;
  } catch {
    return false;
  }
}
