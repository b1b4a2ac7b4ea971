// Many torrents of one engine and the trackers they share, with a clock and trackers of the test's own.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AlarmClock } from '../../../../src/async/alarm-clock.js';
import { AnnounceRefused } from '../../../../src/engine/trackers/announce/tracker-error.js';
import type { AnnounceAgent } from '../../../../src/engine/trackers/announce-agent.js';
import type { SendAnnounce } from '../../../../src/engine/trackers/announce-to-tracker.js';
import {
  startTrackerClient,
  type TrackerClient,
} from '../../../../src/engine/trackers/tracker-client.js';
import {
  type AnnounceSlot,
  TrackerHealth,
} from '../../../../src/engine/trackers/tracker-health.js';
import { HelperError } from '../../../../src/errors.js';
import { announceAgent } from '../../../support/trackers/fake-trackers.js';

const a = 'http://a.example/announce';
const b = 'udp://b.example:6969/announce';
const second = 1000;
const minute = 60 * second;

type Conduct = 'well' | 'down' | 'silent' | { readonly refuses: number };

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** So many torrents with the same trackers. */
function scene(
  torrents: number,
  tiers: readonly (readonly string[])[],
  options: {
    readonly random?: () => number;
    readonly answerMs?: number;
    readonly intervalMs?: number;
    readonly leftBytes?: number;
    readonly hasNobody?: () => boolean;
    readonly routes?: ReadonlyMap<string, string>;
    readonly agent?: AnnounceAgent;
  } = {},
) {
  const { random = () => 0, answerMs = second / 10, intervalMs = 10 * minute } = options;
  const { leftBytes = 7, hasNobody, routes, agent = announceAgent(routes) } = options;
  const conduct = new Map<string, Conduct>();
  const said: { atMs: number; url: string; torrent: number; event: string }[] = [];
  const accepted: { atMs: number; url: string; torrent: number }[] = [];
  const warned: number[] = [];
  const underWay = new Map<string, number>();
  let mostUnderWay = 0;
  const change = (url: string, by: number) => {
    underWay.set(url, (underWay.get(url) ?? 0) + by);
    mostUnderWay = Math.max(mostUnderWay, underWay.get(url) ?? 0);
  };
  const announce: SendAnnounce = async (url, request, { signal, timeoutMs = 0 }) => {
    const torrent = Number(request.infoHash);
    const does = conduct.get(url) ?? 'well';
    said.push({ atMs: performance.now(), url, torrent, event: request.event ?? 'still' });
    change(url, 1);
    let giveUp = () => {};
    try {
      await new Promise<void>((resolve, reject) => {
        giveUp = () => reject(new HelperError('TRACKER_UNREACHABLE', `${url} is silent`));
        if (does === 'silent') setTimeout(giveUp, timeoutMs);
        else setTimeout(resolve, answerMs);
        signal?.addEventListener('abort', giveUp);
      });
    } finally {
      signal?.removeEventListener('abort', giveUp);
      change(url, -1);
    }
    if (does === 'down') throw new HelperError('TRACKER_UNREACHABLE', `${url} is down`);
    if (typeof does === 'object' && does.refuses === torrent) {
      throw new AnnounceRefused('TRACKER_UNREACHABLE', `${url} refuses`);
    }
    return { intervalMs, peers: [] };
  };
  const clients: TrackerClient[] = [];
  const begin = (torrent: number) => {
    const client = startTrackerClient({
      infoHash: `${torrent}`.padStart(40, '0'),
      peerId: '00'.repeat(20),
      port: 6881,
      progress: () => ({ uploadedBytes: 0, downloadedBytes: 0, leftBytes }),
      hasNobody,
      onPeers: () => {},
      onAccepted: (url) => accepted.push({ atMs: performance.now(), url, torrent }),
      onWarning: () => warned.push(torrent),
      tiers,
      agent,
      announce,
      random,
    });
    clients.push(client);
    return client;
  };
  for (let torrent = 0; torrent < torrents; torrent += 1) begin(torrent);
  return {
    conduct,
    said,
    accepted,
    warned,
    clients,
    begin,
    agent,
    within: async (ms: number) => {
      const from = said.length;
      await vi.advanceTimersByTimeAsync(ms);
      return said.slice(from);
    },
    get mostUnderWay() {
      return mostUnderWay;
    },
  };
}

describe('a tracker of many torrents', () => {
  it('has at most eight announces under way, and hears of all', async () => {
    const all = scene(300, [[a]]);
    await all.within(4 * second);
    expect(all.mostUnderWay).toBe(8);
    expect(new Set(all.accepted.map(({ torrent }) => torrent)).size).toBe(300);
    expect(all.warned).toEqual([]);
  });

  it('is asked no oftener than by one, while it is down', async () => {
    const all = scene(100, [[a]]);
    all.conduct.set(a, 'down');
    await all.within(second);
    const probes = await all.within(5 * minute);
    expect(probes.length).toBeLessThan(12);
    expect(new Set(all.warned).size).toBe(100);
    expect(all.warned).toHaveLength(100);
  });

  it('hears of all soon after it is back, eight at a time', async () => {
    const all = scene(100, [[a]]);
    all.conduct.set(a, 'down');
    await all.within(10 * minute);
    all.conduct.set(a, 'well');
    const [probe] = await all.within(5 * minute);
    expect(all.mostUnderWay).toBe(8);
    const lastMs = Math.max(...all.accepted.map(({ atMs }) => atMs));
    expect(all.accepted).toHaveLength(100);
    expect(lastMs - (probe?.atMs ?? 0)).toBeLessThan(2 * second);
  });

  it('that is on this machine hears of all within half a minute of being back', async () => {
    const near = 'http://127.0.0.1:6969/announce';
    const all = scene(50, [[near]], { random: Math.random });
    all.conduct.set(near, 'down');
    await all.within(3 * minute);
    all.conduct.set(near, 'well');
    await all.within(30 * second);
    expect(all.accepted).toHaveLength(50);
  });

  it('that was restarted, and remembers nothing, hears of all within a minute', async () => {
    const all = scene(100, [[a]], { random: Math.random, intervalMs: 45 * second });
    await all.within(10 * minute);
    for (let restart = 0; restart < 10; restart += 1) {
      const told = await all.within(minute - restart);
      expect(new Set(told.map(({ torrent }) => torrent)).size).toBe(100);
    }
  });

  it('lets no announce run out of time because of the queue it waited in', async () => {
    const all = scene(400, [[a]], { answerMs: second });
    await all.within(51 * second);
    expect(all.accepted).toHaveLength(400);
    expect(all.warned).toEqual([]);
  });

  it('is announced to at moments that drift apart', async () => {
    let chance = 0;
    const random = () => {
      chance = (chance + 0.37) % 1;
      return chance;
    };
    const all = scene(8, [[a]], { random });
    await all.within(second);
    const next = await all.within(11 * minute);
    expect(next).toHaveLength(8);
    expect(Math.min(...next.map(({ atMs }) => atMs))).toBeGreaterThanOrEqual(10 * minute);
    expect(new Set(next.map(({ atMs }) => Math.round(atMs / second))).size).toBeGreaterThan(4);
  });
});

describe('a tracker that stalls', () => {
  it('holds up no torrent of another tracker', async () => {
    const all = scene(100, [[a]]);
    all.conduct.set(a, 'silent');
    const other = { ...scene(1, [[b]]) };
    await other.within(second);
    expect(other.accepted).toHaveLength(1);
  });

  it('holds up the next tier no longer than ten seconds, however long its queue is', async () => {
    const all = scene(100, [[a], [b]]);
    all.conduct.set(a, 'silent');
    await all.within(12 * second);
    expect(all.accepted.filter(({ url }) => url === b)).toHaveLength(100);
  });

  it('is waited for as long as it goes on answering, and no other is asked', async () => {
    const all = scene(400, [[a], [b]], { answerMs: second });
    await all.within(55 * second);
    expect(all.accepted.map(({ url }) => url)).toEqual(Array.from({ length: 400 }, () => a));
  });

  it('holds up later torrents not at all once it is known to', async () => {
    const all = scene(10, [[a], [b]]);
    all.conduct.set(a, 'silent');
    await all.within(10.5 * second);
    const before = all.accepted.length;
    all.begin(10);
    await all.within(second / 4);
    expect(all.accepted.slice(before)).toMatchObject([{ url: b, torrent: 10 }]);
  });
});

it('sends those that waited for a tracker that is down away a few a turn', async () => {
  const health = new TrackerHealth(() => 0, new AlarmClock(), 'others');
  const slots: AnnounceSlot[] = [];
  let sentAway = 0;
  for (let count = 0; count < 1008; count += 1) {
    const wait = { maxWaitMs: Number.POSITIVE_INFINITY, isWanted: () => true };
    void health.acquireSlot(wait).then((slot) => {
      if (slot === undefined) sentAway += 1;
      else slots.push(slot);
    });
  }
  await vi.advanceTimersByTimeAsync(0);
  expect(slots).toHaveLength(8);
  const error = new HelperError('TRACKER_UNREACHABLE', 'it is down');
  for (const slot of slots) slot.failed(error, minute);
  const inTurn: number[] = [];
  while (sentAway < 1000) {
    const before = sentAway;
    await vi.advanceTimersToNextTimerAsync();
    inTurn.push(sentAway - before);
  }
  expect(Math.max(...inTurn)).toBeLessThanOrEqual(64);
  expect(health.isIdle).toBe(true);
});

describe('a refusal', () => {
  it('counts against the torrent alone, and not against the tracker', async () => {
    const all = scene(20, [[a]]);
    all.conduct.set(a, { refuses: 0 });
    await all.within(minute);
    all.begin(20);
    await all.within(second);
    expect(new Set(all.accepted.map(({ torrent }) => torrent)).size).toBe(20);
    const ofRefused = all.said.filter(({ torrent }) => torrent === 0);
    expect(ofRefused.map(({ atMs }) => Math.floor(atMs / second))).toEqual([0, 1, 3, 7, 15, 31]);
    expect(all.warned).toEqual([0]);
  });

  it('shows that a tracker which was down is back', async () => {
    const all = scene(5, [[a]]);
    all.conduct.set(a, 'down');
    await all.within(second / 2);
    all.conduct.set(a, { refuses: 0 });
    await all.within(3 * second);
    expect(new Set(all.accepted.map(({ torrent }) => torrent)).size).toBe(4);
  });
});

describe('five hundred torrents that stop together', () => {
  it('tell their trackers within two seconds, a silent one among them', async () => {
    const all = scene(150, [[a]]);
    await all.within(5 * second);
    const silent = scene(350, [[b]]);
    await silent.within(5 * second);
    silent.conduct.set(b, 'silent');
    let over = 0;
    for (const each of [...all.clients, ...silent.clients]) {
      void each.stop().then(() => {
        over += 1;
      });
    }
    await all.within(2 * second);
    expect(over).toBe(500);
    expect(all.said.filter(({ event }) => event === 'stopped')).toHaveLength(150);
  });

  it('go before those that wait in the queue', async () => {
    const all = scene(200, [[a]]);
    await all.within(second);
    const from = all.said.length;
    void all.clients[0]?.stop();
    const next = await all.within(second);
    expect(next.slice(0, 8).map(({ event }) => event)).toContain('stopped');
    expect(from).toBeGreaterThan(0);
  });

  it('leave nothing behind', async () => {
    const all = scene(10, [[a], [b]]);
    all.conduct.set(a, 'down');
    await all.within(second);
    const stopped = all.clients.map((each) => each.stop());
    await all.within(2 * second);
    await Promise.all(stopped);
    for (const url of [a, b]) expect(all.agent.healthOf(url, () => 0).isIdle).toBe(true);
    expect(await all.within(60 * minute)).toEqual([]);
  });
});

describe('a thousand torrents at rest', () => {
  it('have one timer, no signal, and no promise that waits', async () => {
    const signals = vi.spyOn(globalThis, 'AbortController');
    const all = scene(1000, [[a], [b]]);
    await all.within(30 * second);
    expect(all.accepted).toHaveLength(1000);
    expect([all.agent.clock.size, vi.getTimerCount()]).toEqual([1000, 1]);
    expect(all.agent.healthOf(a, () => 0).isIdle).toBe(true);
    const made = signals.mock.calls.length;
    await all.within(9 * minute);
    expect(signals.mock.calls.length).toBe(made);
    signals.mockRestore();
  });

  it('are announced a few a turn', async () => {
    const all = scene(1000, [[a]]);
    await all.within(30 * second);
    let mostInTurn = 0;
    while (all.said.length < 2000) {
      const before = all.said.length;
      await vi.advanceTimersToNextTimerAsync();
      mostInTurn = Math.max(mostInTurn, all.said.length - before);
    }
    expect(mostInTurn).toBeLessThanOrEqual(64);
  });

  it('stop without a signal or a timer of their own', async () => {
    const all = scene(1000, [[a]]);
    await all.within(30 * second);
    const signals = vi.spyOn(globalThis, 'AbortController');
    const stopped = Promise.all(all.clients.map((each) => each.stop()));
    expect(vi.getTimerCount()).toBeLessThan(20);
    await all.within(2 * second);
    await stopped;
    expect(signals).not.toHaveBeenCalled();
    expect(all.said.filter(({ event }) => event === 'stopped').length).toBeGreaterThan(100);
    expect([all.agent.clock.size, vi.getTimerCount()]).toEqual([0, 0]);
    signals.mockRestore();
  });
});

describe('the tracker of the helper itself', () => {
  const routes = new Map([['a.example:80', '127.0.0.1:6969']]);

  it('is told of many at once, which are one write there', async () => {
    const all = scene(300, [[a]], { routes });
    await all.within(second);
    expect([all.mostUnderWay, all.accepted.length]).toEqual([64, 300]);
  });

  it('is told of those that have everything every five minutes, many together', async () => {
    const options = { intervalMs: 45 * second, routes, leftBytes: 0, random: Math.random };
    const all = scene(300, [[a]], options);
    expect(await all.within(4.9 * minute)).toHaveLength(300);
    const again = await all.within(0.6 * minute);
    expect(again).toHaveLength(300);
    const moments = new Set(again.map(({ atMs }) => Math.round(atMs / second)));
    expect(moments.size).toBeLessThanOrEqual(4);
  });

  it('is told of whoever has not as often as it asks for', async () => {
    const all = scene(1, [[a]], { intervalMs: 45 * second, routes });
    await all.within(2 * minute);
    expect(all.said).toHaveLength(3);
  });

  it('hears of no end when it ends itself; others do', async () => {
    const all = scene(2, [[a]], { routes });
    const other = scene(1, [[b]], { agent: all.agent });
    await all.within(second);
    const [one, two] = all.clients;
    const [three] = other.clients;
    await Promise.all([one?.stop(), all.within(second)]);
    all.agent.end();
    await Promise.all([two?.stop(), three?.stop(), all.within(second)]);
    const ends = [...all.said, ...other.said].filter(({ event }) => event === 'stopped');
    expect(ends.map(({ url }) => url)).toEqual([a, b]);
  });
});

describe('downloads that look further', () => {
  it('do so at one pace, however many there are', async () => {
    const all = scene(200, [[a], [b]], { hasNobody: () => true });
    await all.within(2 * second);
    const further = await all.within(5 * second);
    expect(further.filter(({ url }) => url === b).length).toBeLessThanOrEqual(5 * 20 + 1);
    await all.within(10 * second);
    expect(new Set(all.said.filter(({ url }) => url === b).map((each) => each.torrent)).size).toBe(
      200,
    );
  });
});

it('forgets trackers that nobody names any more', () => {
  const agent = announceAgent();
  for (let port = 1; port <= 5000; port += 1) {
    agent.healthOf(`http://127.0.0.1:${port}`, () => 0);
  }
  expect(agent.knownTrackers).toBeLessThanOrEqual(1000);
});
