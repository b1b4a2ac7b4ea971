// Who has made us work too much waits, and in the end goes; by address, or on this machine by connection.
import { afterEach, expect, it } from 'vitest';
import { WorkBudget } from '../../../../../src/engine/data-path/budgets/work-budget.js';
import { workLimits } from '../../../../../src/limits.js';

const { unitsPerSecond, savedUnits, unitsPerBlock, waitingMs, waitingWithinMs } = workLimits;
const blockBytes = 16_384;
const stranger = '203.0.113.7';

let nowMs = 0;
const budgets: WorkBudget[] = [];
afterEach(() => {
  for (const budget of budgets.splice(0)) budget.close();
});

function setUp() {
  nowMs = 1_000;
  const budget = new WorkBudget(() => nowMs);
  budgets.push(budget);
  const connect = (address: string | undefined) => {
    const said: string[] = [];
    const meter = budget.meter(address, {
      pause: () => said.push('pause'),
      resume: () => said.push('resume'),
      hangUp: () => said.push('hang up'),
    });
    const work = (units: number) => {
      meter.charge(units);
      meter.settle();
    };
    return { said, meter, work };
  };
  const pass = (ms: number) => {
    for (let passedMs = 0; passedMs < ms; passedMs += 50) {
      nowMs += 50;
      budget.tick();
    }
  };
  return { budget, connect, pass };
}

it('lets a connection say much at first, and as much a second as the budget has', () => {
  const { connect, pass } = setUp();
  const { said, work } = connect(stranger);
  work(savedUnits);
  for (let second = 0; second < 100; second++) {
    pass(1_000);
    work(unitsPerSecond);
  }
  expect(said).toEqual([]);
});

it('lets whoever is beyond it wait until it is in order again, and go on', () => {
  const { budget, connect, pass } = setUp();
  const { said, work } = connect(stranger);
  work(savedUnits + 2 * unitsPerSecond);
  expect([said, budget.waitingCount]).toEqual([['pause'], 1]);
  pass(1_900);
  expect(said).toEqual(['pause']);
  pass(200);
  expect([said, budget.waitingCount]).toEqual([['pause', 'resume'], 0]);
});

it('hangs up on who has waited for half of a minute, and not on who has for less', () => {
  const { connect, pass } = setUp();
  const [busy, flooding] = [connect(stranger), connect('203.0.113.8')];
  for (let minute = 0; minute < 3; minute++) {
    busy.work(savedUnits + 20 * unitsPerSecond);
    for (let passedMs = 0; passedMs < waitingWithinMs; passedMs += 50) {
      if (flooding.said.at(-1) !== 'pause') flooding.work(3 * unitsPerSecond);
      pass(50);
      if (flooding.said.at(-1) === 'hang up') break;
    }
  }
  expect(flooding.said.at(-1)).toBe('hang up');
  expect(busy.said).toContain('pause');
  expect(busy.said).not.toContain('hang up');
  expect(waitingMs).toBe(waitingWithinMs / 2);
});

it('is not used up by blocks, nor by what is said for them', () => {
  const { connect } = setUp();
  const { said, meter } = connect(stranger);
  for (let block = 0; block < 100_000; block++) {
    meter.charge(unitsPerBlock);
    meter.earn(blockBytes);
    meter.settle();
  }
  expect(said).toEqual([]);
});

it('cannot be saved up for later', () => {
  const { connect, pass } = setUp();
  const { said, meter, work } = connect(stranger);
  meter.earn(1_000_000 * blockBytes);
  work(0);
  pass(100_000);
  work(savedUnits + 1);
  expect(said).toEqual(['pause']);
});

it.each([
  ['an IPv4 address', stranger, '::ffff:203.0.113.7', 1],
  ['a /64 of IPv6', '2001:db8::1', '2001:db8::2', 1],
  ['the same after it has come back', stranger, stranger, 1],
  ['two addresses', stranger, '203.0.113.8', 0],
  ['loopback, where each has its own', '127.0.0.1', '127.0.0.1', 0],
  ['nobody knows whom', undefined, undefined, 0],
])('is shared by all connections of one address: %s', (_, one, other, waiting) => {
  const { connect } = setUp();
  const first = connect(one);
  first.work(savedUnits + 1);
  first.meter.close();
  const second = connect(other);
  second.work(1);
  expect(second.said).toHaveLength(waiting);
});

it('lets those of one address go on one at a time, the longest waiting first', () => {
  const { connect, pass } = setUp();
  const [one, other] = [connect(stranger), connect(stranger)];
  one.work(savedUnits + unitsPerSecond);
  other.work(1);
  pass(1_100);
  expect([one.said.at(-1), other.said.at(-1)]).toEqual(['resume', 'resume']);
  one.work(unitsPerSecond);
  expect(one.said.at(-1)).toBe('pause');
  other.work(1);
  nowMs += 1_000;
  pass(50);
  expect([one.said.at(-1), other.said.at(-1)]).toEqual(['resume', 'pause']);
  one.work(unitsPerSecond);
  pass(1_050);
  expect(other.said.at(-1)).toBe('resume');
});

it('forgets connections that are over, and remembers a bounded number of addresses', () => {
  const { budget, connect, pass } = setUp();
  const gone = connect(stranger);
  gone.work(savedUnits + 1);
  gone.meter.close();
  expect(budget.waitingCount).toBe(0);
  pass(60_000);
  expect(gone.said).toEqual(['pause']);

  const first = connect(stranger);
  first.work(100 * savedUnits);
  for (let nth = 0; nth < workLimits.addresses; nth++)
    connect(`198.${18 + (nth >> 8)}.1.${nth & 255}`);
  pass(60_000);
  const again = connect(stranger);
  again.work(1);
  expect(again.said).toEqual([]);
});

/** An address for each number below 2^16. */
const addressOf = (nth: number) => `198.18.${nth >> 8}.${nth & 255}`;

it('is one for all together, however many addresses somebody has', () => {
  const { connect, pass } = setUp();
  const seconds = 20;
  let doneUnits = 0;
  for (let nth = 0; nth < seconds * 200; nth++) {
    // Each does what it can until it has to wait, and is not seen again.
    const { said, work } = connect(addressOf(nth));
    for (; said.length === 0; doneUnits += 100) work(100);
    if (nth % 10 === 9) pass(50);
  }
  const { allSavedUnits, allUnitsPerSecond } = workLimits;
  expect(doneUnits).toBeGreaterThan(seconds * allUnitsPerSecond);
  expect(doneUnits).toBeLessThan(1.2 * (allSavedUnits + seconds * allUnitsPerSecond));
});

it('leaves newcomers enough to begin with while others use up all there is', () => {
  const { connect, pass } = setUp();
  const crowd = Array.from({ length: 200 }, (_, nth) => connect(addressOf(nth)));
  for (let tenths = 0; tenths < 300; tenths++) {
    for (const { said, work } of crowd) if (said.at(-1) !== 'pause') work(2_000);
    pass(100);
  }
  const newcomer = connect(stranger);
  newcomer.work(1_000);
  expect(newcomer.said).toEqual([]);
});
