import { expect, test } from '@jest/globals';
import { EVENT, EventLog } from './event-log.ts';

const BOUND = 1 << 18;

function operands(log: EventLog, ofOperation: boolean): number[] {
  const list: number[] = [];
  log.forEach((words, at) => list.push(words[at + 2] as number), ofOperation);
  return list;
}

test('records come back in order, with their operation', () => {
  const log = new EventLog();
  log.emit(EVENT.step, 1);
  log.beginOperation();
  for (let n = 2; n < 100; n++) log.emit(EVENT.write, n);
  expect(operands(log, false)).toEqual(Array.from({ length: 99 }, (_, n) => n + 1));
  expect(operands(log, true)).toEqual(Array.from({ length: 98 }, (_, n) => n + 2));
  expect(log.has(EVENT.write)).toBe(true);
  expect(log.has(EVENT.step)).toBe(false);
});

test('at its bound the log keeps the newest and stays in order', () => {
  const log = new EventLog();
  log.beginOperation();
  for (let n = 0; n < BOUND + 3; n++) log.emit(EVENT.write, n);
  const kept = operands(log, true);
  expect(kept.length).toBe(BOUND);
  expect(kept[0]).toBe(3);
  expect(kept.every((value, i) => value === i + 3)).toBe(true);
});

test('an operation after the wrap sees its own records only', () => {
  const log = new EventLog();
  for (let n = 0; n < BOUND + 3; n++) log.emit(EVENT.write, n);
  log.beginOperation();
  log.emit(EVENT.lost, -7);
  expect(operands(log, true)).toEqual([-7]);
  expect(operands(log, false).length).toBe(BOUND);
});

test('a log that is switched off records nothing', () => {
  const log = new EventLog();
  log.enabled = false;
  log.emit(EVENT.step, 1);
  expect(operands(log, false)).toEqual([]);
});
