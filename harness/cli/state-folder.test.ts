import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { makeRoom, stateFile } from './state-folder.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'doorbell-state-'));
});

const fileOf = (root: string): string => stateFile(root, { XDG_STATE_HOME: home });

/** What was kept for a project, last used so many seconds ago. */
function remembered(root: string, secondsAgo: number): string {
  const file = fileOf(root);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '{}');
  const then = Date.now() / 1000 - secondsAgo;
  utimesSync(file, then, then);
  return file;
}

describe('the place', () => {
  test('follows the XDG rules: a relative path is ignored', () => {
    expect(fileOf('/a/b')).toBe(`${home}/doorbell/failed/%2Fa%2Fb.json`);
    expect(stateFile('/a/b', { XDG_STATE_HOME: 'x' })).toBe(
      `${homedir()}/.local/state/doorbell/failed/%2Fa%2Fb.json`,
    );
  });

  test('is in node_modules where there is one', () => {
    mkdirSync(join(home, 'node_modules'));
    expect(fileOf(home)).toBe(`${home}/node_modules/.cache/doorbell/failed.json`);
  });

  test('has a name that a file may have, however deep the project is', () => {
    const name =
      fileOf(`/${'deep/'.repeat(100)}end`)
        .split('/')
        .at(-1) ?? '';
    expect(name.length).toBeLessThanOrEqual(255);
    expect(name).toMatch(/deep%2Fend\.json$/);
  });
});

describe('room is made', () => {
  test('of projects whose folder is gone, and of no other', () => {
    const gone = remembered(join(home, 'gone'), 1);
    const here = remembered(home, 1_000_000);
    const deep = remembered(`/${'deep/'.repeat(100)}end`, 1);
    makeRoom(fileOf('/new'));
    expect([gone, here, deep].map((file) => existsSync(file))).toEqual([false, true, true]);
  });

  test('of those used least recently', () => {
    const roots = Array.from({ length: 105 }, (_, i) => join(home, String(i)));
    for (const [i, root] of roots.entries()) {
      mkdirSync(root);
      remembered(root, 1000 - i);
    }
    const next = fileOf('/new');
    makeRoom(next);
    const left = readdirSync(dirname(next));
    expect(left).toHaveLength(99);
    expect(existsSync(fileOf(join(home, '104')))).toBe(true);
    expect(existsSync(fileOf(join(home, '5')))).toBe(false);
  });

  test('where there is nothing yet', () => {
    expect(() => makeRoom(fileOf('/new'))).not.toThrow();
  });
});
