/** `doorbell init`: what it writes runs and passes as it stands, and nothing is overwritten. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { CommandBuild, project } from '../testing/command.ts';
import { STARTER_KINDS } from './starters.ts';

const command = new CommandBuild('doorbell-init-test');
const doorbell = command.run.bind(command);
beforeAll(() => command.build(), 60_000);

describe('init', () => {
  test.each(STARTER_KINDS)('--kind %s passes, in two designs, and is commented', (kind) => {
    const folder = project({});
    expect(doorbell(folder, ['init', 'deep/my.spec.yaml', '--kind', kind]).code).toBe(0);
    const { code, out } = doorbell(folder, ['run', 'deep']);
    expect(out).toMatch(/^2 passed \(1 file/m);
    expect(code).toBe(0);
    const text = readFileSync(join(folder, 'deep/my.spec.yaml'), 'utf8');
    expect(text.match(/^ *# \w/gm)?.length).toBeGreaterThan(8);
  });

  test('the modeline leads to the schema', () => {
    const folder = project({});
    doorbell(folder, ['init', 'a.spec.yaml']);
    expect(schemaOf(join(folder, 'a.spec.yaml'))).toMatchObject({ title: expect.any(String) });
  });

  test('a file that is there stays, and a name that is none is refused', () => {
    const folder = project({ 'a.spec.yaml': 'mine' });
    const taken = doorbell(folder, ['init', 'a.spec.yaml']);
    expect([taken.code, taken.err]).toEqual([2, expect.stringContaining('DB606')]);
    expect(readFileSync(join(folder, 'a.spec.yaml'), 'utf8')).toBe('mine');
    const name = doorbell(folder, ['init', 'a.yaml']);
    expect([name.code, name.err]).toEqual([2, expect.stringContaining('.spec.yaml')]);
    const inFile = doorbell(folder, ['init', 'package.json/a.spec.yaml']);
    expect([inFile.code, inFile.err]).toEqual([2, expect.stringContaining('DB606')]);
  });
});

function schemaOf(spec: string): unknown {
  const modeline = /^# yaml-language-server: \$schema=(\S+)/.exec(readFileSync(spec, 'utf8'))?.[1];
  return JSON.parse(readFileSync(resolve(dirname(spec), modeline ?? ''), 'utf8'));
}
