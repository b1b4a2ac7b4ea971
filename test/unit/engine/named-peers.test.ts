import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Reach } from '../../../machines/types.js';
import { findNamedPeers } from '../../../src/engine/named-peers.js';
import type { HelperError } from '../../../src/errors.js';
import type { ResolveHost } from '../../../src/net/resolve-host.js';

function find(peers: readonly string[], resolve: ResolveHost, reach?: Reach) {
  const found: string[] = [];
  const warnings: string[] = [];
  const named = findNamedPeers({
    peers,
    reach,
    resolve,
    retryDelaysMs: [1, 2],
    onPeer: (peer) => found.push(peer),
    onWarning: ({ code, message }: HelperError) => warnings.push(`${code}: ${message}`),
  });
  onTestFinished(() => named.stop());
  return { named, found, warnings };
}

const at =
  (...addresses: readonly string[]): ResolveHost =>
  async () =>
    addresses;
const nowhere: ResolveHost = async () => {
  throw Object.assign(new Error('who is that?'), { code: 'ENOTFOUND' });
};

describe('the peers that a link names by their hosts', () => {
  it('are found at each address of their names, up to a few, and those that are addresses are left alone', async () => {
    const many = Array.from({ length: 20 }, (_, n) => `203.0.113.${n}`);
    const addresses = ['2001:db8::1', ...many];
    const { found, warnings } = find(['10.0.0.1:1', 'a.example:6881'], at(...addresses));
    await vi.waitFor(() =>
      expect(found).toEqual([
        '[2001:db8::1]:6881',
        ...many.slice(0, 7).map((address) => `${address}:6881`),
      ]),
    );
    expect(warnings).toEqual([]);
  });

  it('are not dialled where the server that named them may not lead, by whatever address', async () => {
    const reach: Reach = { kind: 'network', address: '203.0.113.9' };
    const some = find(['a.example:1'], at('10.0.0.1', '203.0.113.1'), reach);
    await vi.waitFor(() => expect(some.found).toEqual(['203.0.113.1:1']));
    const none = find(['a.example:1', 'b.example:1'], at('10.0.0.1', '::1'), reach);
    await vi.waitFor(() =>
      expect(none.warnings).toEqual([
        'PEER_UNREACHABLE: the peer a.example:1 is where its magnet link may not lead',
      ]),
    );
    expect([some.warnings, none.found]).toEqual([[], []]);
  });

  it('are looked up one at a time, of all links', async () => {
    let underWay = 0;
    let most = 0;
    const slow: ResolveHost = async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return ['203.0.113.1'];
    };
    const finds = Array.from({ length: 5 }, () => find(['a.example:1', 'b.example:2'], slow));
    await vi.waitFor(() => expect(finds.map(({ found }) => found.length)).toEqual([2, 2, 2, 2, 2]));
    expect(most).toBe(1);
  });

  it('are looked for again where they were not found, and that is said once', async () => {
    const answers = [nowhere, nowhere, nowhere, at('203.0.113.1')];
    const resolve: ResolveHost = (host) => (answers.shift() ?? nowhere)(host);
    const { found, warnings } = find(['a.example:1', 'b.example:2'], resolve);
    await vi.waitFor(() => expect(found).toEqual(['203.0.113.1:2']));
    expect(warnings).toEqual(['PEER_UNREACHABLE: the peer a.example:1 cannot be found: ENOTFOUND']);
  });

  it('are looked for no more once that is stopped', async () => {
    const resolve = vi.fn(async (host: string) => {
      await Promise.resolve();
      stopped.named.stop();
      return nowhere(host);
    });
    const stopped = find(['a.example:1', 'c.example:1'], resolve);
    const other = vi.fn(nowhere);
    find(['b.example:1'], other);
    await vi.waitFor(() => expect(other).toHaveBeenCalledTimes(3));
    expect(resolve).toHaveBeenCalledTimes(1);
    expect(stopped.warnings).toEqual([]);
  });
});
