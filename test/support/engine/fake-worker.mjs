// A thread that speaks as src/engine-thread/worker/engine-worker.ts does, without an engine. It shows the test every command, on
// the channel that the options' stateDir names, and does there what it is told: exit, hang, die, or report something.
import { BroadcastChannel, parentPort, workerData } from 'node:worker_threads';

const beats = new Int32Array(workerData, 0, 1);
setInterval(() => Atomics.add(beats, 0, 1), 20);

let channel;
const report = (message) => parentPort.postMessage([message]);

parentPort.on('message', (commands) => {
  for (const command of commands) take(command);
});

function take(command) {
  if (command.type === 'open') {
    channel = new BroadcastChannel(command.options.stateDir);
    channel.onmessage = ({ data }) => carryOut(data);
    channel.postMessage(command);
    const { port, host } = command.options;
    if (host === 'refused') {
      const message = `peer port ${port} is in use`;
      report({
        type: 'refused',
        error: { code: 'PORT_TAKEN', message, systemCode: 'EADDRINUSE' },
      });
    } else {
      report({ type: 'opened', peerPort: port === 0 ? 50_000 : port });
    }
    return;
  }
  channel?.postMessage(command);
  if (command.type === 'join') {
    report({ type: 'told', id: command.id, event: { type: 'swarm.joined' } });
  } else if (command.type === 'close') {
    report({ type: 'closed' });
  }
}

function carryOut({ order, ...more }) {
  switch (order) {
    case 'report':
      report(more.report);
      break;
    case 'exit':
      process.exit(3);
      break;
    case 'run out of memory':
      throw Object.assign(new Error('as Node says it'), { code: 'ERR_WORKER_OUT_OF_MEMORY' });
    case 'hang':
      if (more.isHeapFull) new Uint8Array(workerData, 44, 1)[0] = 1;
      if (more.atWork) Buffer.from(workerData, 4, 40).write(more.atWork, 'latin1');
      for (;;);
  }
}
