// A helper that runs already, behind a socket. It is let go of, and never ended.
import { once } from 'node:events';
import { connect as connectTo } from 'node:net';
import { HelperError, systemCode } from '../../errors.js';
import { lostError } from '../wire/connection.js';
import { beginLife, type HelperSource } from './life.js';

export function socketSource(path: string): HelperSource {
  return {
    isShared: true,
    async open(onNotification, closing) {
      const socket = connectTo(path);
      try {
        await once(socket, 'connect');
      } catch (error) {
        const message = `no helper can be reached at ${path} (${systemCode(error)})`;
        throw new HelperError('HELPER_LOST', message, { cause: error });
      }
      return beginLife({
        input: socket,
        output: socket,
        onNotification,
        closing,
        whyEnded: async () => lostError(`the connection to ${path} was closed`),
        async end() {
          socket.destroy();
        },
      });
    },
  };
}
