// Which of a name's addresses a request goes to, with connections of the test's own. Real ones: http-client.test.ts.
import type { Dispatcher } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Dispatch, requestFor } from '../../../src/http/connections.js';
import { dispatchDirectly } from '../../../src/http/direct.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A request to `name`, of these addresses, which connect after so many milliseconds, or never. */
async function send(name: string, addresses: Readonly<Record<string, number | undefined>>) {
  const connects: string[] = [];
  const heard: string[] = [];
  const aborted: string[] = [];
  const dispatch: Dispatch = (request, handler) => {
    const address = new URL(request.origin ?? '').hostname.replace(/[[\]]/g, '');
    connects.push(address);
    const afterMs = addresses[address];
    if (afterMs === undefined) return true;
    const controller: Dispatcher.DispatchController = {
      ...{ aborted: false, paused: false, reason: null, pause() {}, resume() {} },
      abort(reason) {
        aborted.push(address);
        handler.onResponseError?.(controller, reason);
      },
    };
    setTimeout(() => {
      handler.onRequestStart?.(controller, {});
      handler.onResponseEnd?.(controller, {});
    }, afterMs);
    return true;
  };
  const dispatchTo = dispatchDirectly({ resolve: async () => Object.keys(addresses), dispatch });
  const onServer = (address = '') => heard.push(`asked ${address}`);
  dispatchTo(
    { ...requestFor(new URL(`http://${name}/`)), onServer },
    {
      onResponseEnd: () => heard.push('answered'),
      onResponseError: () => heard.push('failed'),
    },
  );
  await vi.advanceTimersByTimeAsync(10_000);
  return { connects, heard, aborted };
}

describe('a request to a name of many addresses', () => {
  it('goes to the next where the first neither connects nor fails', async () => {
    const { connects, heard } = await send('a.test', { '2001:db8::1': undefined, '192.0.2.1': 10 });
    expect(connects).toEqual(['2001:db8::1', '192.0.2.1']);
    expect(heard).toEqual(['asked 192.0.2.1', 'answered']);
  });

  it('goes to one of them only, and the connection of the slower is closed', async () => {
    const { heard, aborted } = await send('b.test', { '2001:db8::1': 400, '192.0.2.1': 100 });
    expect(heard).toEqual(['asked 192.0.2.1', 'answered']);
    expect(aborted).toEqual(['2001:db8::1']);
  });
});
