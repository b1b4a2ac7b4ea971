// What the bundle holds of undici: the agents, and how to ask through one. Left out is most of all its `fetch`, which
// is slow to load, and whose dispatcher would take the place of Node's own in the whole process.
import request from 'undici/lib/api/api-request.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import EnvHttpProxyAgent from 'undici/lib/dispatcher/env-http-proxy-agent.js';

Dispatcher.prototype.request = request;

export { Agent, EnvHttpProxyAgent };
