import { expect, test } from 'vitest';
import { RequestBudget } from '../../../src/tracker/senders/request-budget.js';
import { thisMachine } from '../../../src/tracker/senders/sender-key.js';
import { infoHash, udpAnnounce, udpScrape } from '../../support/trackers/tracker-requests.js';
import { UnconnectedTracker } from '../../support/trackers/unconnected-tracker.js';

const sender = '192.0.2.1';

/** How many of so many requests at that time are within it. */
function ask(budget: RequestBudget, senderKey: string, requests: number, nowMs: number): number {
  let within = 0;
  for (let each = 0; each < requests; each += 1) {
    if (budget.isSpent(senderKey, nowMs)) continue;
    budget.charge(senderKey, nowMs);
    within += 1;
  }
  return within;
}

test('so much may be asked at once, and so much a second from then on', () => {
  const budget = new RequestBudget({ requestsAtOnce: 100, requestsPerSecond: 10 });
  expect(ask(budget, sender, 500, 0)).toBe(100);
  expect(ask(budget, sender, 500, 1_000)).toBe(10);
  expect(ask(budget, sender, 500, 3_000)).toBe(20);
  expect(ask(budget, sender, 500, 60_000)).toBe(100);
});

test('what is asked beyond it must be paid as well', () => {
  const budget = new RequestBudget({ requestsAtOnce: 10, requestsPerSecond: 10 });
  for (let each = 0; each < 30; each += 1) budget.charge(sender, 0);
  expect([1_900, 2_100].map((nowMs) => budget.isSpent(sender, nowMs))).toEqual([true, false]);
});

test('one has no part in the budget of another, and this machine has no end of it', () => {
  const budget = new RequestBudget({ requestsAtOnce: 10, requestsPerSecond: 1 });
  expect(ask(budget, sender, 500, 0)).toBe(10);
  expect(ask(budget, thisMachine, 500, 0)).toBe(500);
  const others = Array.from({ length: 100 }, (_, each) => `198.51.100.${each}`);
  // One in 16,384 shares the counter of the first.
  expect(others.filter((each) => !budget.isSpent(each, 0)).length).toBeGreaterThan(90);
});

test('over UDP nobody hears more than its budget, and nobody spends that of others', () => {
  const limits = { requestsAtOnce: 20, requestsPerSecond: 1 };
  const tracker = new UnconnectedTracker('any', limits);
  const id = tracker.connect(sender);
  // With an id that is not its own: whoever sends them may do so in another's name.
  for (let each = 0; each < 100; each += 1) {
    tracker.udp(sender, udpAnnounce(Buffer.alloc(8)));
    tracker.connect(sender);
  }
  const heard = Array.from({ length: 30 }, (_, each) =>
    tracker.udp(sender, each % 2 === 0 ? udpAnnounce(id) : udpScrape(id, [infoHash])),
  );
  expect(heard.filter((answer) => answer !== undefined)).toHaveLength(20);
  expect(() => tracker.connect(sender)).toThrow('no answer');
  expect(tracker.connect('127.0.0.1')).toHaveLength(8);
});
