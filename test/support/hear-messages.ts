// What a peer of ours says to a hand-made one, cut into its messages.
import type { Socket } from 'node:net';

const handshakeBytes = 68;

export interface Hearing {
  /** Comes first, whole. */
  readonly onHandshake?: (handshake: Buffer) => void;
  /** Without its length, so that its id comes first. Keep-alives are left out. */
  readonly onMessage: (message: Buffer) => void;
  /** All of what was read has been heard. */
  readonly onRead?: () => void;
}

export function hearMessages(socket: Socket, { onHandshake, onMessage, onRead }: Hearing): void {
  let rest = Buffer.alloc(0);
  let isGreeted = false;
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    if (!isGreeted && rest.length >= handshakeBytes) {
      isGreeted = true;
      onHandshake?.(rest.subarray(0, handshakeBytes));
      rest = rest.subarray(handshakeBytes);
    }
    while (isGreeted && rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0);
      if (end > 4) onMessage(rest.subarray(4, end));
      rest = rest.subarray(end);
    }
    onRead?.();
  });
}
