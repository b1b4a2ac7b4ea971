import { describe, expect, it } from 'vitest';
import { connect, speak } from '../../support/dialect/connected-client.js';
import { helper } from '../../support/helper/library-setup.js';

describe('ten thousand jobs', () => {
  it('are begun under their keys, and listed in pages, each once and by id', async () => {
    const { client, connection } = connect(speak(await helper()));
    const total = 10_000;
    for (let number = 1; number <= total; number += 1) {
      const source = `${number}`.padStart(40, '0');
      const params = { source, key: `k${number}`, paused: true };
      await connection.take({
        kind: 'text',
        text: JSON.stringify({ jsonrpc: '2.0', id: `a${number}`, method: 'job.fetch', params }),
        ended: true,
      });
    }
    const ids: number[] = [];
    let pages = 0;
    for (let after: number | null = 0; after !== null; pages += 1) {
      const { jobs, next } = await client.request('job.list', { after, limit: 1_000 });
      ids.push(...jobs.map(({ id }: { readonly id: number }) => id));
      after = next;
    }
    expect(ids).toEqual(Array.from({ length: total }, (_, index) => index + 1));
    expect(pages).toBe(10);
    const some = await client.request('job.list', { states: ['seeding'], limit: 1 });
    expect(some).toEqual({ jobs: [], next: null });
    const paused = await client.request('job.list', { states: ['paused'], after: 9_998 });
    expect(paused.jobs.map(({ key }: { readonly key: string }) => key)).toEqual([
      'k9999',
      'k10000',
    ]);
  });
});
