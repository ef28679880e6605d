import test from 'ava';
import { Flight } from '../../src/pipeline/flight.js';

test('what does not fit waits, first come, first served', async (t) => {
  const flight = new Flight(100);
  const entered: number[] = [];
  const enter = (bytes: number): Promise<void> => flight.enter(bytes).then(() => void entered.push(bytes));
  await enter(80);
  const waiting = [enter(50), enter(10)];
  await Promise.resolve();
  t.deepEqual(entered, [80]);
  t.is(flight.bytes, 80);
  flight.leave(80);
  await Promise.all(waiting);
  t.deepEqual(entered, [80, 50, 10]);
  t.is(flight.bytes, 60);
});

test('something larger than the bound goes alone', async (t) => {
  const flight = new Flight(100);
  await flight.enter(1000);
  let second = false;
  const waiting = flight.enter(1).then(() => {
    second = true;
  });
  await Promise.resolve();
  t.false(second);
  flight.leave(1000);
  await waiting;
  t.is(flight.bytes, 1);
});
