// What a peer of ours says to one made by hand, cut into its messages.
import type { Socket } from 'node:net';
import { handshakeBytes } from './wire-messages.js';

export interface MessageListener {
  /** Comes first, whole. */
  readonly onHandshake?: (handshake: Buffer) => void;
  /** Without its length, so that its id comes first. Keep-alives are left out. */
  readonly onMessage: (body: Buffer) => void;
  /** All of what was read has been told. */
  readonly onRead?: () => void;
}

export function readMessages(
  socket: Socket,
  { onHandshake, onMessage, onRead }: MessageListener,
): void {
  let rest = Buffer.alloc(0);
  let hasHandshake = false;
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    if (!hasHandshake && rest.length >= handshakeBytes) {
      hasHandshake = true;
      onHandshake?.(rest.subarray(0, handshakeBytes));
      rest = rest.subarray(handshakeBytes);
    }
    while (hasHandshake && rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0);
      if (end > 4) onMessage(rest.subarray(4, end));
      rest = rest.subarray(end);
    }
    onRead?.();
  });
}
