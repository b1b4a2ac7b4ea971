// All of the schema in one, for what writes it down.
import { importBuilt } from './load-source.mjs';

const folder = new URL('../../src/dialect/schema/', import.meta.url).pathname;
const files = ['methods', 'notifications', 'messages', 'job', 'helper', 'failure'];

const modules = [
  ...files.map((name) => `export * as ${name} from './${name}.ts';`),
  "export { errorCodes } from '../../errors.ts';",
];

/** The schema as it stands in the sources. */
export async function readDialect() {
  const contents = modules.join('\n');
  return dialectOf(await importBuilt({ stdin: { contents, resolveDir: folder, loader: 'ts' } }));
}

/** @param {any} sources its modules, by name, and the error codes */
export function dialectOf({ methods, notifications, messages, job, helper, failure, errorCodes }) {
  const { failure: failed, errorData, errorNumbers } = failure;
  return {
    version: '1.0.0',
    methods: methods.methods,
    notifications: notifications.notifications,
    fromClient: notifications.fromClient,
    messages: messages.messages,
    capabilities: helper.capabilities,
    errorNumbers,
    errorCodes,
    /** What the reference shows for itself. */
    titled: [
      ...[job.job, job.progressNumbers, job.state, failed, errorData],
      ...[helper.description, helper.limits, helper.stats, notifications.topics],
    ],
  };
}
