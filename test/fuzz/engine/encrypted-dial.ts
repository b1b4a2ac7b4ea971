// The dialling end of message stream encryption, without its manners: what stands in the encrypted header is for the
// caller to say. https://wiki.vuze.com/w/Message_Stream_Encryption
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';

const prime = BigInt(
  '0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A36210000000000090563',
);
const keyBytes = 96;
const privateKey = 0x5a5a5a5a5a5a5a5an;
const answerMs = 500;

export const publicKey = toKey(power(2n, privateKey));

/** A verification constant, then which methods we can do (1 plaintext, 2 RC4), no padding, and the first payload. */
export function cryptoHeader(methods: number, initialPayload: Uint8Array): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32BE(methods, 8);
  header.writeUInt16BE(initialPayload.length, 14);
  return Buffer.concat([header, initialPayload]);
}

/**
 * Sends our key, and resolves with what must follow it before the encrypted part, and with how that is encrypted;
 * undefined if no key comes back.
 */
export async function exchangeKeys(
  socket: Socket,
  infoHash: string,
): Promise<{ readonly proof: Buffer; encrypt(bytes: Uint8Array): Buffer } | undefined> {
  socket.write(publicKey);
  const theirKey = await firstBytes(socket);
  if (theirKey === undefined) return undefined;
  const secret = toKey(power(BigInt(`0x${theirKey.toString('hex')}`), privateKey));
  const skey = Buffer.from(infoHash, 'hex');
  const hidden = sha1('req2', skey);
  const mask = sha1('req3', secret);
  const proof = Buffer.concat([
    sha1('req1', secret),
    hidden.map((byte, at) => byte ^ (mask[at] ?? 0)),
  ]);
  return { proof, encrypt: rc4(sha1('keyA', Buffer.concat([secret, skey]))) };
}

function firstBytes(socket: Socket): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let got = Buffer.alloc(0);
    const settle = (key: Buffer | undefined) => {
      clearTimeout(deadline);
      socket.off('data', onData);
      resolve(key);
    };
    const onData = (chunk: Buffer) => {
      got = Buffer.concat([got, chunk]);
      if (got.length >= keyBytes) settle(got.subarray(0, keyBytes));
    };
    const deadline = setTimeout(() => settle(undefined), answerMs);
    socket.on('data', onData).once('close', () => settle(undefined));
  });
}

/** RC4, which OpenSSL has no more, without its first 1024 bytes. */
function rc4(key: Uint8Array): (bytes: Uint8Array) => Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index);
  const at = (index: number) => state[index & 0xff] ?? 0;
  const swap = (a: number, b: number) => {
    [state[a], state[b]] = [at(b), at(a)];
  };
  let j = 0;
  for (let i = 0; i < 256; i++) {
    j = (j + at(i) + (key[i % key.length] ?? 0)) & 0xff;
    swap(i, j);
  }
  let i = 0;
  j = 0;
  const next = () => {
    i = (i + 1) & 0xff;
    j = (j + at(i)) & 0xff;
    swap(i, j);
    return at(at(i) + at(j));
  };
  for (let skipped = 0; skipped < 1024; skipped++) next();
  return (bytes) => Buffer.from(bytes.map((byte) => byte ^ next()));
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, square, left] = [1n, base % prime, exponent];
  for (; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % prime;
    square = (square * square) % prime;
  }
  return result;
}

function toKey(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(2 * keyBytes, '0'), 'hex');
}

function sha1(label: string, bytes: Uint8Array): Buffer {
  return createHash('sha1').update(label).update(bytes).digest();
}
