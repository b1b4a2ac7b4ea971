// Lets no socket of this thread reach another machine: hostile input names addresses, and the engine dials them.
import { Socket as UdpSocket } from 'node:dgram';
import { Socket } from 'node:net';

const loopback = /^(127\.|::1$|localhost$)/;

export function stayOnLoopback(): void {
  const { connect } = Socket.prototype;
  Object.defineProperty(Socket.prototype, 'connect', {
    value: function (this: Socket, ...args: unknown[]) {
      const host = hostOf(args);
      if (host === undefined || loopback.test(host)) return Reflect.apply(connect, this, args);
      process.nextTick(() => this.destroy(new Error('not on loopback')));
      return this;
    },
  });
  const { send } = UdpSocket.prototype;
  Object.defineProperty(UdpSocket.prototype, 'send', {
    value: function (this: UdpSocket, ...args: unknown[]) {
      const host = args.find((arg) => typeof arg === 'string');
      if (host === undefined || loopback.test(host)) Reflect.apply(send, this, args);
    },
  });
}

/** Of `connect(options)`, `connect(port, host)`, and Node's own `connect([options, callback])`. */
function hostOf(args: readonly unknown[]): string | undefined {
  const [first, second] = args.flat();
  if (typeof first === 'object' && first !== null && 'host' in first) {
    return typeof first.host === 'string' ? first.host : undefined;
  }
  return typeof second === 'string' ? second : undefined;
}
