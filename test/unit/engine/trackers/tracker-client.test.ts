// The schedule of announces, with a clock and trackers of the test's own. Real trackers: announce-to-tracker.test.ts.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeadlinePassed } from '../../../../src/async/with-deadline.js';
import type {
  AnnounceAnswer,
  AnnounceRequest,
} from '../../../../src/engine/trackers/announce/announce-request.js';
import type { SendAnnounce } from '../../../../src/engine/trackers/announce-to-tracker.js';
import {
  startTrackerClient,
  type TrackerClientOptions,
} from '../../../../src/engine/trackers/tracker-client.js';
import { HelperError } from '../../../../src/errors.js';
import { announceAgent } from '../../../support/trackers/fake-trackers.js';

const a = 'http://a.example/announce';
const b = 'http://b.example/announce';
const c = 'udp://c.example:6969/announce';
const second = 1000;
const minute = 60 * second;

const answer: AnnounceAnswer = { intervalMs: minute, peers: ['1.2.3.4:5'] };

/** What a tracker does with an announce: answers, refuses, or says nothing. */
type Conduct = AnnounceAnswer | 'down' | 'forbidden' | 'silent';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A client whose trackers behave as `conduct` says at the time, `answer` where it says nothing. */
function scene(options: Partial<TrackerClientOptions> & Pick<TrackerClientOptions, 'tiers'>) {
  const conduct = new Map<string, Conduct>();
  const said: string[] = [];
  const requests: AnnounceRequest[] = [];
  const accepted: string[] = [];
  const warnings: HelperError[] = [];
  const peers: string[] = [];
  const failed: string[] = [];
  const statuses: string[] = [];
  const progress = { uploadedBytes: 0, downloadedBytes: 0, leftBytes: 7 };
  const announce: SendAnnounce = async (url, request, { signal, timeoutMs = 0 }) => {
    requests.push(request);
    said.push(
      `${Math.round(performance.now() / 100) / 10} ${url.charAt(url.indexOf('/') + 2)} ${request.event ?? 'still'}`,
    );
    const does = conduct.get(url) ?? answer;
    if (does === 'forbidden') throw new HelperError('TRACKER_FORBIDDEN', `tracker ${url} is near`);
    if (does === 'down') throw new HelperError('TRACKER_UNREACHABLE', `tracker ${url} is down`);
    if (does !== 'silent') return does;
    return new Promise((_, reject) => {
      const cause = new DeadlinePassed('no answer');
      const giveUp = () =>
        reject(new HelperError('TRACKER_UNREACHABLE', `tracker ${url} is silent`, { cause }));
      setTimeout(giveUp, timeoutMs);
      signal?.addEventListener('abort', giveUp);
    });
  };
  const client = startTrackerClient({
    infoHash: '00'.repeat(20),
    peerId: '00'.repeat(20),
    port: 6881,
    progress: () => progress,
    onPeers: (found) => peers.push(...found),
    onAccepted: (url) => accepted.push(url),
    onWarning: (warning) => warnings.push(warning),
    onAnnounceFailed: ({ code }) => failed.push(code),
    onStatus: ({ url, state, failure, seeders }) =>
      statuses.push([url.charAt(7), state, failure?.code ?? seeders].join(' ').trim()),
    agent: announceAgent(),
    announce,
    random: () => 0,
    ...options,
  });
  /** What was announced in the next so many milliseconds: `<second> <tracker> <event>`. */
  const within = async (ms: number) => {
    const from = said.length;
    await vi.advanceTimersByTimeAsync(ms);
    return said.slice(from);
  };
  const heard = { said, requests, accepted, warnings, peers, failed, statuses };
  return { client, conduct, within, progress, ...heard };
}

/** The whole seconds from each announce to the next. */
function waits(said: readonly string[]): readonly number[] {
  const times = said.map((line) => Number(line.split(' ')[0]));
  return times.slice(1).map((time, index) => Math.round(time - (times[index] ?? 0)));
}

describe('a tracker that must not be asked', () => {
  it('is warned of once, while the others are asked', async () => {
    const { within, conduct, warnings, peers } = scene({ tiers: [[a], [b]] });
    conduct.set(a, 'forbidden');
    expect(await within(1)).toEqual(['0 a started', '0 b started']);
    await within(30 * minute);
    expect(warnings.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      `TRACKER_FORBIDDEN: tracker ${a} is near`,
    ]);
    expect(peers.length).toBeGreaterThan(1);
  });

  it('may be asked for another torrent, which may', async () => {
    const agent = announceAgent();
    const refused = scene({ tiers: [[a]], agent });
    refused.conduct.set(a, 'forbidden');
    await refused.within(1);
    const asked = scene({ tiers: [[a]], agent });
    await asked.within(1);
    expect(asked.accepted).toEqual([a]);
  });
});

describe('a torrent with one tracker', () => {
  it('is announced as started at once, then at the interval of each answer', async () => {
    const { within, conduct } = scene({ tiers: [[a]] });
    expect(await within(1 * minute + 1)).toEqual(['0 a started', '60 a still']);
    conduct.set(a, { ...answer, intervalMs: 2 * minute });
    expect(await within(3 * minute + 1)).toEqual(['120 a still', '240 a still']);
  });

  it('waits for the least interval where that is longer', async () => {
    const { within, conduct } = scene({ tiers: [[a]] });
    conduct.set(a, { ...answer, minIntervalMs: 90 * second });
    expect(await within(2 * minute)).toEqual(['0 a started', '90 a still']);
  });

  it('tells its listener of accepted announces and of peers', async () => {
    const { within, accepted, peers } = scene({ tiers: [[a]] });
    await within(1);
    expect(accepted).toEqual([a]);
    expect(peers).toEqual(['1.2.3.4:5']);
  });

  it('announces what is true at that moment, under one key', async () => {
    const { within, progress, requests } = scene({ tiers: [[a]], ip: '10.0.0.1' });
    await within(1);
    progress.leftBytes = 0;
    await within(minute);
    expect(requests.map(({ leftBytes }) => leftBytes)).toEqual([7, 0]);
    expect(new Set(requests.map(({ key }) => key)).size).toBe(1);
    expect(requests[0]).toMatchObject({ port: 6881, ip: '10.0.0.1' });
    expect(requests[0]?.key).toMatch(/^[0-9a-f]{8}$/);
  });
});

describe('a tracker that fails', () => {
  it('is tried again after 1, 2, 4 … 300 seconds', async () => {
    const { within, conduct } = scene({ tiers: [[a]] });
    conduct.set(a, 'down');
    expect(waits(await within(1200 * second))).toEqual([
      1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300,
    ]);
  });

  it('is announced to as started until it has accepted that', async () => {
    const { within, conduct } = scene({ tiers: [[a]] });
    conduct.set(a, 'down');
    expect(await within(1.5 * second)).toEqual(['0 a started', '1 a started']);
    conduct.set(a, answer);
    expect(await within(1.6 * second + minute)).toEqual(['3 a started', '63 a still']);
  });

  it('is warned of once, until it has worked again', async () => {
    const { within, conduct, warnings } = scene({ tiers: [[a]] });
    conduct.set(a, 'down');
    await within(10 * second);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({
      code: 'TRACKER_UNREACHABLE',
      message: `tracker ${a} is down; it will be tried again`,
    });
    conduct.set(a, answer);
    await within(minute);
    conduct.set(a, 'down');
    await within(10 * minute);
    expect(warnings).toHaveLength(2);
  });

  it('begins with a short wait again once it has worked', async () => {
    const { within, conduct } = scene({ tiers: [[a]] });
    conduct.set(a, 'down');
    await within(100 * second);
    conduct.set(a, answer);
    expect(await within(29 * second)).toEqual(['127 a started']);
    conduct.set(a, 'down');
    expect(await within(61.5 * second)).toEqual(['187 a still', '188 a still', '190 a still']);
  });
});

describe('a torrent with many trackers', () => {
  it('is announced to the first that accepts, and to no other', async () => {
    const { within } = scene({ tiers: [[a, b], [c]] });
    expect(await within(minute + 1)).toEqual(['0 a started', '60 a still']);
  });

  it('goes on to the next, and to the next tier, when one fails', async () => {
    const { within, conduct, accepted } = scene({ tiers: [[a, b], [c]] });
    conduct.set(a, 'down').set(b, 'down');
    expect(await within(1)).toEqual(['0 a started', '0 b started', '0 c started']);
    expect(accepted).toEqual([c]);
  });

  it('begins with the one of the tier that answered last', async () => {
    const { within, conduct } = scene({ tiers: [[a, b], [c]] });
    conduct.set(a, 'down');
    expect(await within(1)).toEqual(['0 a started', '0 b started']);
    conduct.set(a, answer);
    expect(await within(minute)).toEqual(['60 b still']);
  });

  it('goes back to the first tier as soon as that works', async () => {
    const { within, conduct } = scene({ tiers: [[a], [b]] });
    conduct.set(a, 'down');
    expect(await within(1)).toEqual(['0 a started', '0 b started']);
    conduct.set(a, answer);
    expect(await within(minute)).toEqual(['60 a started']);
  });

  it('waits ten seconds for a silent tracker, then asks the next', async () => {
    const { within, conduct } = scene({ tiers: [[a], [b]] });
    conduct.set(a, 'silent');
    expect(await within(11 * second)).toEqual(['0 a started', '10 b started']);
  });

  it('tries each of them again in its own time when all have failed', async () => {
    const { within, conduct, warnings } = scene({ tiers: [[a], [b]] });
    conduct.set(a, 'down').set(b, 'down');
    await within(3.5 * second);
    conduct.set(b, answer);
    expect(await within(4 * second)).toEqual(['7 a started', '7 b started']);
    expect(warnings).toHaveLength(2);
  });
});

describe('trackers of other kinds', () => {
  it('are passed over where they are for browsers', async () => {
    const { within, warnings } = scene({ tiers: [['wss://d.example', 'ws://e.example'], [a]] });
    expect(await within(1)).toEqual(['0 a started']);
    expect(warnings).toEqual([]);
  });

  it('are warned of where there are no others', async () => {
    const { within, warnings } = scene({ tiers: [['htp://d.example/secret'], ['nonsense']] });
    expect(await within(minute)).toEqual([]);
    expect(warnings.map(({ message }) => message)).toEqual([
      'tracker htp://d.example cannot be asked: its URL is neither http, https nor udp',
    ]);
  });

  it('do no harm where there are none at all', async () => {
    const { client, within, warnings } = scene({ tiers: [] });
    client.completed();
    client.wantPeers();
    expect(await within(minute)).toEqual([]);
    await client.stop();
    expect(warnings).toEqual([]);
  });
});

describe('a completed download', () => {
  it('is announced at once, and once', async () => {
    const { client, within } = scene({ tiers: [[a]] });
    await within(10 * second);
    client.completed();
    client.completed();
    expect(await within(minute + second)).toEqual(['10 a completed', '70 a still']);
  });

  it('is not announced where it was complete from the start', async () => {
    const progress = () => ({ uploadedBytes: 0, downloadedBytes: 0, leftBytes: 0 });
    const { client, within } = scene({ tiers: [[a]], progress });
    client.completed();
    expect(await within(minute + 1)).toEqual(['0 a started', '60 a still']);
  });

  it('is announced right after the start where the tracker came too late', async () => {
    const { client, within, conduct } = scene({ tiers: [[a]] });
    conduct.set(a, 'down');
    await within(100);
    client.completed();
    conduct.set(a, answer);
    expect(await within(2 * second)).toEqual(['1 a started', '1 a completed']);
  });

  it('is announced again until a tracker has heard it', async () => {
    const { client, within, conduct } = scene({ tiers: [[a]] });
    await within(10 * second);
    conduct.set(a, 'down');
    client.completed();
    expect(await within(500)).toEqual(['10 a completed']);
    conduct.set(a, answer);
    expect(await within(minute + second)).toEqual(['11 a completed', '71 a still']);
  });

  it('waits for the announce that is under way', async () => {
    const { client, within, conduct } = scene({ tiers: [[a], [b]] });
    conduct.set(a, 'silent');
    await within(second);
    client.completed();
    expect(await within(10 * second)).toEqual(['10 b started', '10 b completed']);
  });
});

describe('a torrent that wants peers', () => {
  it('is announced fifteen seconds after the last announce', async () => {
    const { client, within } = scene({ tiers: [[a]] });
    await within(5 * second);
    client.wantPeers();
    client.wantPeers();
    expect(await within(20 * second)).toEqual(['15 a still']);
  });

  it('is announced at once where the last announce is longer ago', async () => {
    const { client, within } = scene({ tiers: [[a]] });
    await within(40 * second);
    client.wantPeers();
    expect(await within(second)).toEqual(['40 a still']);
  });

  it('is announced less and less often when it goes on asking', async () => {
    const { client, within, conduct } = scene({ tiers: [[a]] });
    conduct.set(a, { ...answer, intervalMs: 60 * minute });
    setInterval(() => client.wantPeers(), second);
    expect(waits(await within(1100 * second))).toEqual([15, 30, 60, 120, 240, 300, 300]);
  });

  it('is announced no sooner than the tracker allows', async () => {
    const { client, within, conduct } = scene({ tiers: [[a]] });
    conduct.set(a, { ...answer, minIntervalMs: 40 * second });
    await within(second);
    client.wantPeers();
    expect(await within(50 * second)).toEqual(['40 a still']);
  });

  it('never waits longer than without asking', async () => {
    const { client, within } = scene({ tiers: [[a]] });
    setInterval(() => client.wantPeers(), second);
    expect(waits(await within(211 * second))).toEqual([15, 30, 60, 15, 30, 60]);
  });

  it('does not hurry a tracker that fails, nor is held back when that works again', async () => {
    const { client, within, conduct } = scene({ tiers: [[a]] });
    await within(59 * second);
    conduct.set(a, 'down');
    await within(2 * second);
    setInterval(() => client.wantPeers(), 100);
    expect(await within(3 * second)).toEqual(['63 a still']);
    conduct.set(a, answer);
    expect(await within(20 * second)).toEqual(['67 a still', '82 a still']);
  });
});

describe('a download that has nobody to ask', () => {
  const nobody: AnnounceAnswer = { intervalMs: 30 * minute, peers: [] };

  /** Three trackers that know nobody, and nobody to ask until one names somebody. */
  function lonely(options: Partial<TrackerClientOptions> = {}) {
    const state = { hasNobody: true };
    const made = scene({
      tiers: [[a, b], [c]],
      hasNobody: () => state.hasNobody,
      onPeers: () => {
        state.hasNobody = false;
      },
      ...options,
    });
    for (const url of [a, b, c]) made.conduct.set(url, nobody);
    return { ...made, state };
  }

  it('is announced to the others as well, in order and one a second, though the first works', async () => {
    const { within } = lonely();
    expect(await within(10 * second)).toEqual(['0 a started', '1 b started', '2 c started']);
  });

  it('is announced to no further one once there is somebody', async () => {
    const { within, conduct } = lonely();
    conduct.set(b, { intervalMs: 10 * minute, peers: ['1.2.3.4:5'] });
    expect(await within(29 * minute)).toEqual(['0 a started', '1 b started']);
  });

  it('is announced to the others when those who were there have gone, or were not there', async () => {
    const { client, within, conduct, state } = lonely();
    conduct.set(a, answer);
    expect(await within(20 * second)).toEqual(['0 a started']);
    conduct.set(a, nobody);
    state.hasNobody = true;
    client.wantPeers();
    expect(await within(5 * second)).toEqual(['20 a still', '21 b started', '22 c started']);
  });

  it('is announced to each of the others at the interval that it asked for', async () => {
    const { client, within } = lonely();
    setInterval(() => client.wantPeers(), 10 * second);
    const told = await within(31 * minute);
    expect(told.filter((line) => !line.includes(' a '))).toEqual([
      ...['1 b started', '2 c started'],
      ...['1811 b still', '1812 c still'],
    ]);
  });

  it('is announced a minute later to one that named somebody', async () => {
    const { client, within, conduct, state } = lonely();
    conduct.set(c, { ...nobody, peers: ['1.2.3.4:5'] });
    await within(5 * second);
    state.hasNobody = true;
    setInterval(() => client.wantPeers(), 10 * second);
    const told = await within(29 * minute);
    expect(told.filter((line) => !line.includes(' a '))).toEqual(['66 c still']);
  });

  it('begins with the one of the tier that named somebody from then on', async () => {
    const { within, conduct } = lonely();
    conduct.set(b, { ...answer, intervalMs: 60 * minute });
    expect(await within(31 * minute)).toEqual(['0 a started', '1 b started', '1800 b still']);
  });

  it('passes over those that are down, each in its own time', async () => {
    const { within, conduct } = lonely();
    conduct.set(b, 'down');
    expect(await within(10 * second)).toEqual(['0 a started', '1 b started', '2 c started']);
  });

  it('is announced as complete, and then to one alone', async () => {
    const { client, within, state, progress } = lonely();
    await within(500);
    progress.leftBytes = 0;
    state.hasNobody = false;
    client.completed();
    expect(await within(29 * minute)).toEqual(['0.5 a completed']);
  });

  it('tells all of them that it stops', async () => {
    const { client, within } = lonely();
    await within(10 * second);
    const stopping = client.stop();
    expect(await within(2 * second)).toEqual(['10 a stopped', '10 b stopped', '10 c stopped']);
    await stopping;
    expect(await within(minute)).toEqual([]);
  });

  it('stops in the pause between two', async () => {
    const { client, within } = lonely();
    await within(500);
    const stopping = client.stop();
    expect(await within(minute)).toEqual(['0.5 a stopped']);
    await stopping;
  });
});

describe('what a tracker says beside its answer', () => {
  it('is heard once, whatever torrent it is said to, and not without end', async () => {
    const agent = announceAgent();
    const scenes = [scene({ tiers: [[a]], agent }), scene({ tiers: [[a]], agent })];
    let times = 0;
    const shout = { intervalMs: minute, peers: [] };
    for (const { conduct } of scenes) conduct.set(a, { ...shout, warning: "'old client'" });
    await vi.advanceTimersByTimeAsync(10 * minute);
    const warnings = () => scenes.flatMap((each) => each.warnings);
    expect(warnings()).toMatchObject([
      { code: 'TRACKER_WARNING', message: "tracker http://a.example says: 'old client'" },
    ]);
    setInterval(() => {
      times += 1;
      for (const { conduct } of scenes) conduct.set(a, { ...shout, warning: `'at ${times}'` });
    }, second);
    await vi.advanceTimersByTimeAsync(60 * minute);
    expect(warnings()).toHaveLength(16);
  });

  it('is said again where it is a tracker id, also later and at the end, to that tracker alone', async () => {
    const { client, within, conduct, requests } = scene({ tiers: [[a], [b]] });
    conduct.set(a, { ...answer, trackerId: 'abcd' });
    await within(1);
    conduct.set(a, answer);
    await within(2 * minute);
    conduct.set(a, 'down');
    await within(minute);
    await client.stop();
    const ids = requests.map(({ trackerId }) => trackerId);
    expect(ids).toEqual([undefined, 'abcd', 'abcd', 'abcd', undefined, 'abcd', undefined]);
  });
});

describe('a torrent that stops', () => {
  it('tells the trackers that know of it, and no other', async () => {
    const { client, within, conduct, said, requests } = scene({ tiers: [[a], [b], [c]] });
    conduct.set(a, 'down');
    await within(10 * second);
    conduct.set(b, 'down');
    await within(minute);
    const from = said.length;
    await client.stop();
    const tracked = said.slice(from).map((line) => line.slice(line.indexOf(' ') + 1));
    expect(tracked).toEqual(['b stopped', 'c stopped']);
    expect(requests.at(-1)?.numWant).toBe(0);
  });

  it('tells one that may have heard of it: asked a moment ago, or never heard to answer', async () => {
    const { client, within, conduct, said } = scene({ tiers: [[a], [b], [c]] });
    conduct.set(a, 'silent').set(b, 'silent');
    await within(15 * second);
    const stopping = client.stop();
    await within(2 * second);
    await stopping;
    expect(said).toEqual(['0 a started', '10 b started', '15 a stopped', '15 b stopped']);
  });

  it('says nothing where it was never announced', async () => {
    const { client, within } = scene({ tiers: [[a]] });
    await client.stop();
    expect(await within(minute)).toEqual([]);
  });

  it('ends within two seconds though no tracker answers', async () => {
    const { client, within, conduct } = scene({ tiers: [[a], [b]] });
    await within(1);
    conduct.set(a, 'silent');
    let ended = false;
    const stopping = client.stop().then(() => {
      ended = true;
    });
    await within(1999);
    expect(ended).toBe(false);
    await within(1);
    expect(ended).toBe(true);
    await stopping;
  });

  it('never rejects, not even where trackers fail', async () => {
    const { client, within, conduct } = scene({ tiers: [[a]] });
    await within(1);
    conduct.set(a, 'down');
    await expect(client.stop()).resolves.toBeUndefined();
  });

  it('stops once, however often it is told', async () => {
    const { client, within, said } = scene({ tiers: [[a]] });
    await within(1);
    expect(client.stop()).toBe(client.stop());
    await client.stop();
    expect(said).toHaveLength(2);
  });

  it('is heard of no more, though an announce was under way', async () => {
    const { client, within, conduct, accepted, warnings, peers } = scene({
      tiers: [[a], [b]],
    });
    conduct.set(a, 'silent');
    await within(second);
    const stopping = client.stop();
    await within(2 * second);
    await stopping;
    client.completed();
    client.wantPeers();
    expect(await within(10 * minute)).toEqual([]);
    expect([accepted, warnings, peers]).toEqual([[], [], []]);
  });

  it('is heard of no more, though an answer comes late', async () => {
    let late: (answer: AnnounceAnswer) => void = () => {};
    const announce: SendAnnounce = () =>
      new Promise((resolve) => {
        late = resolve;
      });
    const { client, within, accepted, peers } = scene({ tiers: [[a]], announce });
    await within(1);
    const stopping = client.stop();
    await within(2 * second);
    await stopping;
    late(answer);
    await within(minute);
    expect([accepted, peers]).toEqual([[], []]);
  });

  it('may do so from within a callback', async () => {
    const stop = vi.fn(() => client.stop());
    const { client, within, peers } = scene({ tiers: [[a]], onAccepted: stop });
    expect(await within(minute)).toEqual(['0 a started', '0 a stopped']);
    expect(stop).toHaveBeenCalledOnce();
    expect(peers).toEqual([]);
  });
});

describe('an announce that its user asks for', () => {
  it('is made a quarter of a minute after the last, once however often it is asked for', async () => {
    const { client, within, failed } = scene({ tiers: [[a], [b]] });
    await within(second);
    client.announceNow();
    client.announceNow();
    expect(await within(13 * second)).toEqual([]);
    expect(await within(2 * second)).toEqual(['15 a still']);
    client.announceNow();
    expect(await within(16 * second)).toEqual(['30 a still']);
    expect(failed).toEqual([]);
  });

  it('is as good as one that is under way, or due sooner', async () => {
    const { client, conduct, within, failed } = scene({ tiers: [[a]] });
    client.announceNow();
    expect(await within(second)).toEqual(['0 a started']);
    conduct.set(a, 'silent');
    await within(minute);
    client.announceNow();
    expect(await within(19.5 * second)).toEqual([]);
    expect(failed).toEqual(['TRACKER_UNREACHABLE']);
  });

  it('is not made where the tracker wants none for longer than half a minute', async () => {
    const { client, conduct, within, failed } = scene({ tiers: [[a]] });
    conduct.set(a, { ...answer, intervalMs: 30 * minute, minIntervalMs: 10 * minute });
    await within(second);
    client.announceNow();
    expect(await within(minute)).toEqual([]);
    expect(failed).toEqual(['REFUSED']);
    await within(9 * minute);
    client.announceNow();
    expect(await within(second)).toEqual(['601 a still']);
  });

  it('is tried with trackers that are down, a quarter of a minute after they were asked last', async () => {
    const { client, conduct, within, failed, accepted } = scene({ tiers: [[a], [b]] });
    conduct.set(a, 'down').set(b, 'down');
    await within(10 * minute);
    const last = Math.floor(performance.now() / 1000);
    client.announceNow();
    client.announceNow();
    expect(await within(16 * second)).toHaveLength(2);
    expect(failed).toEqual(['TRACKER_UNREACHABLE']);
    conduct.set(b, answer);
    client.announceNow();
    expect(await within(16 * second)).toHaveLength(2);
    expect([accepted, failed.length]).toEqual([[b], 1]);
    expect(performance.now() / 1000 - last).toBeLessThan(60);
  });

  it('of a thousand torrents has a tracker that is down asked once', async () => {
    const agent = announceAgent();
    const scenes = Array.from({ length: 1_000 }, () => scene({ tiers: [[a]], agent }));
    for (const { conduct } of scenes) conduct.set(a, 'down');
    await vi.advanceTimersByTimeAsync(10 * minute);
    const before = scenes.flatMap(({ said }) => said).length;
    for (const { client } of scenes) client.announceNow();
    await vi.advanceTimersByTimeAsync(16 * second);
    expect(scenes.flatMap(({ said }) => said).length - before).toBeLessThanOrEqual(2);
    expect(scenes.map(({ failed }) => failed.length)).toEqual(scenes.map(() => 1));
    await vi.advanceTimersByTimeAsync(10 * minute);
    expect(scenes.every(({ failed }) => failed.length === 1)).toBe(true);
  });

  it('is refused where no tracker can be asked, and nothing is said of it once the torrent stops', async () => {
    const { client, within, failed } = scene({ tiers: [['wss://t.example']] });
    client.announceNow();
    await within(1);
    expect(failed).toEqual(['REFUSED']);
    const other = scene({ tiers: [[a]] });
    other.conduct.set(a, 'silent');
    other.client.announceNow();
    await other.within(1);
    void other.client.stop();
    await other.within(minute);
    expect(other.failed).toEqual([]);
  });
});

it('says of each tracker that it asks how it is, and when that changes', async () => {
  const { client, conduct, within, statuses } = scene({ tiers: [[a], [b], [c]] });
  conduct.set(a, 'down').set(b, { ...answer, seeders: 3 });
  await within(second);
  expect(statuses).toEqual([
    'a waiting',
    'a failing TRACKER_UNREACHABLE',
    'b waiting',
    'b working 3',
  ]);
  expect(client.trackers.map(({ state }) => state)).toEqual(['failing', 'working']);
  conduct.set(a, { ...answer, seeders: 0 });
  await within(2 * minute);
  expect(client.trackers).toEqual([
    { url: a, state: 'working', seeders: 0, leechers: undefined },
    { url: b, state: 'working', seeders: 3, leechers: undefined },
  ]);
});

it('says when each was asked, and is to be asked, of those that have not been as well', async () => {
  const { client, conduct, within } = scene({ tiers: [[a], [b], [c]] });
  const nowMs = Date.now();
  conduct.set(a, 'down');
  const timesOf = () =>
    client.measures.map(({ url, state, askedMs, nextMs }) => [
      url.slice(0, 8),
      state,
      ...[askedMs, nextMs].map((ms) => ms && Math.round((ms - nowMs) / second)),
    ]);
  expect(timesOf()).toEqual([
    ['http://a', 'unasked', undefined, 0],
    ['http://b', 'unasked', undefined, 0],
    ['udp://c.', 'unasked', undefined, 0],
  ]);
  await within(second);
  // Where one accepts, the others are asked only if it fails.
  expect(timesOf()).toEqual([
    ['http://a', 'failing', 0, undefined],
    ['http://b', 'working', 0, 60],
    ['udp://c.', 'unasked', undefined, undefined],
  ]);
  conduct.set(b, 'silent');
  await within(minute);
  const asking = timesOf();
  expect(asking.map(([, , , nextMs]) => nextMs)).toEqual([undefined, undefined, undefined]);
  conduct.set(b, 'down').set(c, 'down');
  await within(minute);
  const failing = timesOf();
  expect(failing.map(([, state]) => state)).toEqual(['failing', 'failing', 'failing']);
  for (const [, , askedMs, nextMs] of failing) expect(nextMs).toBeGreaterThan(Number(askedMs));
});
