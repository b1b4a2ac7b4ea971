// The thread in which one target is tried. Nothing thrown in here goes unseen, and nothing leaves the machine.
import { parentPort, workerData } from 'node:worker_threads';
import { runCampaign, toError } from '../campaign.js';
import { targetNamed } from '../targets/index.js';
import { currentInput } from './current-input.js';
import { heapGrowth } from './heap-growth.js';
import type { WorkerReport, WorkerTask } from './messages.js';
import { stayOnLoopback } from './stay-on-loopback.js';

const task: WorkerTask = workerData;
const stray: Error[] = [];

process.on('uncaughtException', (error) => stray.push(toError(error)));
process.on('unhandledRejection', (reason) => stray.push(toError(reason)));
stayOnLoopback();
for (const name of ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'])
  delete process.env[name];

const report = (said: WorkerReport) => parentPort?.postMessage(said);
const current = currentInput(task.memory);
const growth = heapGrowth();

const executions = await runCampaign(targetNamed(task.target), {
  ...task,
  takeStray: () => stray.shift(),
  onExecution(input) {
    current.begin(input);
    growth.sample();
  },
  onFinding: ({ input, error, isRepeatable }) =>
    report({ type: 'found', input, showed: error.stack ?? String(error), isRepeatable }),
});
const grown = growth.finding();
if (grown !== undefined) {
  report({ type: 'found', input: new Uint8Array(), showed: grown, isRepeatable: false });
}
report({ type: 'done', executions });
