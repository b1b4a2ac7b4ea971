// What the bundle holds of undici: the agents. Left out is most of all its `fetch`, which is slow to load, and whose
// dispatcher would take the place of Node's own in the whole process; and its interceptors: src/http has its own.

export { default as errors } from 'undici/lib/core/errors.js';
export { default as Agent } from 'undici/lib/dispatcher/agent.js';
export { default as Dispatcher } from 'undici/lib/dispatcher/dispatcher.js';
export { default as EnvHttpProxyAgent } from 'undici/lib/dispatcher/env-http-proxy-agent.js';
export { default as Pool } from 'undici/lib/dispatcher/pool.js';
