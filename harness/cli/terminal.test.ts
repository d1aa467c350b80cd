import { expect, test } from '@jest/globals';
import { defaultReporter, wantsColour, widthOf } from './terminal.ts';

const tty = { env: {}, isTTY: true, columns: 80 };

test.each([
  ['tasks', tty],
  ['lines', { ...tty, isTTY: false }],
  ['lines', { ...tty, columns: 0 }],
  ['lines', { ...tty, env: { CI: '1' } }],
  ['lines', { ...tty, env: { CI: 'true' } }],
  ['tasks', { ...tty, env: { CI: '' } }],
  ['tasks', { ...tty, env: { CI: 'false' } }],
  ['lines', { ...tty, env: { TERM: 'dumb' } }],
])('%s for %j', (name, environment) => {
  expect(defaultReporter(environment)).toBe(name);
});

test.each([
  [true, tty, true],
  [false, tty, false],
  [false, { ...tty, isTTY: false }, true],
  [false, { ...tty, env: { NO_COLOR: '1' } }, true],
  [true, { ...tty, env: { NO_COLOR: '' } }, true],
  [true, { ...tty, isTTY: false, env: { FORCE_COLOR: '1' } }, true],
  [false, { ...tty, env: { FORCE_COLOR: '0' } }, true],
  [false, { ...tty, env: { FORCE_COLOR: '1', NO_COLOR: '1' } }, true],
])('colour %s for %j, option %s', (colour, environment, option) => {
  expect(wantsColour(environment, option)).toBe(colour);
});

test('the width is that of the terminal, of COLUMNS, or a usual one, and never absurd', () => {
  expect(widthOf(tty)).toBe(80);
  expect(widthOf({ ...tty, columns: 0, env: { COLUMNS: '120' } })).toBe(120);
  expect(widthOf({ ...tty, columns: 0, env: { COLUMNS: 'x' } })).toBe(100);
  expect(widthOf({ ...tty, columns: 3 })).toBe(40);
});
