#!/usr/bin/env node
// Has the client of this package do what a program would: README.md of this folder.
import { createInterface } from 'node:readline';
import { startHelper } from 'bittorrent-helper/client';

const command = JSON.parse(process.env.CONFORMANCE_HELPER ?? '[]');
let helper;

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const jobOf = ({ key }) => helper.jobByKey(key) ?? jobs.get(key);
/** Those that have ended, too. */
const jobs = new Map();
const given = (job) => {
  jobs.set(job.key, job);
  // Asked for later, or never.
  job.published.catch(() => {});
  job.done.catch(() => {});
};

const tasks = {
  async open(options) {
    helper = await startHelper({ command, ...options });
  },
  publish: ({ path, key }) => given(helper.seed(path, { key })),
  fetch: ({ source, ...options }) => given(helper.download(source, options)),
  published: (params) => jobOf(params).published,
  done: (params) => jobOf(params).done,
  call: ({ method, params }) => helper.request(method, params),
  progress(params) {
    const job = jobOf(params);
    void follow(job);
  },
  close: () => helper.close(),
};

async function follow(job) {
  for await (const stats of job.statsChanges({ everyMs: 100 }))
    say({ saw: 'progress', key: job.key, ...stats });
}

async function carryOut({ id, do: name, params = {} }) {
  try {
    say({ id, ok: (await tasks[name](params)) ?? {} });
  } catch (error) {
    say({ id, error: { code: error.code, message: error.message } });
  }
}

for await (const line of createInterface({ input: process.stdin })) void carryOut(JSON.parse(line));
