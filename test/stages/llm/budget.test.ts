import test from 'ava';
import { Budget, type BudgetLimits, type DayUse } from '../../../src/stages/llm/budget.js';

const NOON = Date.parse('2026-03-02T12:00:00Z');
const LIMITS: BudgetLimits = { requestsPerMinute: 2, tokensPerMinute: 1000, tokensPerDay: 5000 };

function budget(change: Partial<BudgetLimits> = {}, used: DayUse | null = null): Budget {
  return new Budget({ ...LIMITS, ...change }, used, NOON);
}

test('so many requests go in a minute, the next when the first of them is a minute old', (t) => {
  const of = budget();
  t.is(of.waitFor(100, NOON), 0);
  of.begin(100, NOON);
  of.begin(100, NOON + 10_000);
  t.is(of.waitFor(100, NOON + 20_000), 40_000);
  t.is(of.waitFor(100, NOON + 60_000), 0);
});

test('so many tokens go in a minute; a request that is larger goes alone', (t) => {
  const of = budget({ requestsPerMinute: 10 });
  of.begin(800, NOON);
  t.is(of.waitFor(200, NOON), 0);
  t.is(of.waitFor(300, NOON + 1000), 59_000);
  t.is(of.waitFor(3000, NOON + 1000), 59_000);
  t.is(of.waitFor(3000, NOON + 60_000), 0);
});

test('what a request really took replaces what was set aside for it', (t) => {
  const of = budget({ requestsPerMinute: 10 });
  const spending = of.begin(900, NOON);
  t.is(of.today(NOON).tokens, 900);
  of.end(spending, 300, 0.5, NOON + 1);
  t.deepEqual(of.today(NOON), { day: '2026-03-02', requests: 1, tokens: 300, cost: 0.5 });
  t.is(of.waitFor(700, NOON + 2), 0);
});

test('when the tokens of the day are used up the next goes at midnight in UTC', (t) => {
  const of = budget({}, { day: '2026-03-02', requests: 7, tokens: 4900, cost: 1 });
  t.is(of.waitFor(100, NOON), 0);
  t.true(of.dayIsSpent(101, NOON));
  t.is(of.waitFor(101, NOON), 12 * 3_600_000);
  const midnight = NOON + 12 * 3_600_000;
  t.is(of.waitFor(101, midnight), 0);
  t.deepEqual(of.today(midnight), { day: '2026-03-03', requests: 0, tokens: 0, cost: 0 });
});

test('what was used on another day does not count today', (t) => {
  t.is(budget({}, { day: '2026-03-01', requests: 7, tokens: 5000, cost: 1 }).waitFor(100, NOON), 0);
});

test('a request over midnight counts on the day on which it began, and what it took on that on which it ends', (t) => {
  const late = Date.parse('2026-03-02T23:59:59Z');
  const of = new Budget(LIMITS, null, late);
  const spending = of.begin(500, late);
  of.end(spending, 400, 1, late + 2000);
  t.deepEqual(of.today(late + 2000), { day: '2026-03-03', requests: 0, tokens: 400, cost: 1 });
});

test('a clock that was set back does not stop anything for longer than a minute', (t) => {
  const of = budget({ requestsPerMinute: 1 });
  of.begin(100, NOON);
  t.true(of.waitFor(100, NOON - 3_600_000) <= 60_000);
});
