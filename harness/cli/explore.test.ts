/** `doorbell explore` and `doorbell fuzz` as processes: files that they write, exit codes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { CommandBuild, type Ended, project } from '../testing/command.ts';
import { specText } from '../testing/samples.ts';

const command = new CommandBuild('doorbell-explore-test');
const doorbell = command.run.bind(command);
beforeAll(() => command.build('explore-worker=harness/explore/worker.ts'), 60_000);

const THREADS = (steps: string): string => `steps:${steps}
interleave:
  irqbalance:
    - affinity: { vector: nic/0, cpu: 1 }`;
const ONE = `
  - attach: { device: nic, domain: vm }
  - setup: { device: nic, vectors: 1, cpu: 0 }`;
const early = (steps = ONE): string =>
  project({ 'early.spec.yaml': specText(THREADS(steps), 'designs: [tracked, tracked-early]') });

describe('explore', () => {
  test('--spec writes what run repeats, --svg draws it', () => {
    const folder = early();
    const files = ['--spec', 'c.spec.yaml', '--svg', 'c.svg'];
    const { code, out } = doorbell(folder, ['explore', 'early.spec.yaml', ...files]);
    expect(out).toContain('written: c.spec.yaml, c.svg');
    expect(out).toMatch(/1 hold, 1 violated/);
    expect(code).toBe(1);
    expect(readFileSync(join(folder, 'c.svg'), 'utf8')).toMatch(
      /^<svg [^]*F_TRANSLATION[^]*<\/svg>\n$/,
    );
    const again = doorbell(folder, ['run', 'c.spec.yaml']);
    expect(again.out).toContain('does not hold: no unexpected fault');
    expect([again.code, again.err]).toEqual([1, '']);
  });

  test('--time stops a case, which is no pass', () => {
    const moves = [0, 1, 2, 3].flatMap((vector) =>
      [0, 1, 2, 3].map((cpu) => `{ affinity: { vector: nic/${vector}, cpu: ${cpu} } }`),
    );
    const folder = project({
      'long.spec.yaml': specText(`steps:
  - attach: { device: nic, domain: vm }
interleave:
  driver: { any-of: [ { setup: { device: nic, vectors: 4, cpu: 0 } }, { teardown: nic } ] }
  irqbalance: { any-of: [ ${moves.join(', ')} ] }
  user: { any-of: [ ${moves.join(', ')} ] }`),
    });
    const { code, out } = doorbell(folder, ['explore', 'long.spec.yaml', '--time', '1']);
    expect(out).toMatch(/INCOMPLETE .*[1-9][0-9,]* states/);
    expect(out).toContain('not every state was met: 1 s were over (--time)');
    expect(code).toBe(3);
  });

  test('a second counterexample has a number in its name', () => {
    const folder = early();
    const { out } = doorbell(folder, ['explore', '.', 'early.spec.yaml', '--spec', 'c.spec.yaml']);
    expect(out.match(/written/g)).toHaveLength(1);
    writeFileSync(join(folder, 'late.spec.yaml'), readFileSync(join(folder, 'early.spec.yaml')));
    const both = doorbell(folder, [
      'explore',
      'early.spec.yaml',
      'late.spec.yaml',
      '--spec',
      'd.yaml',
    ]);
    expect([...both.out.matchAll(/written: (.*)/g)].map(([, name]) => name)).toEqual([
      'd.yaml',
      'd-2.yaml',
    ]);
  });

  test('a file that cannot be written is said, and the verdict still given', () => {
    const to = ['--spec', '/nowhere/c.spec.yaml'];
    const { code, out, err } = doorbell(early(), ['explore', 'early.spec.yaml', ...to]);
    expect(out).toContain('1 hold, 1 violated');
    expect(err).toMatch(/DB602 .*\/nowhere\/c\.spec\.yaml/);
    expect(code).toBe(2);
  });

  test('a step that is refused before the threads begin fails the case', () => {
    const folder = early(ONE.replace('vectors: 1', 'vectors: 5'));
    const { code, out, err } = doorbell(folder, ['explore', 'early.spec.yaml']);
    expect(out).toContain('setup nic, 5 vectors, cpu 0: ENOSPC, before anything was interleaved');
    expect([code, err]).toEqual([1, '']);
  });

  test('a deadlock is a violation: who waits for whom', () => {
    const moves = `steps:
  - attach: { device: nic, domain: vm }
interleave:
  driver: [ { setup: { device: nic, vectors: 1, cpu: 0 } } ]
  vfio: [ { detach: nic } ]`;
    const folder = project({ 'abba.spec.yaml': specText(moves, 'designs: [tracked-abba]') });
    const { code, out } = doorbell(folder, ['explore', 'abba.spec.yaml', '--spec', 'c.spec.yaml']);
    expect(out).toContain('no thread can go on, and not all have finished');
    expect(out).toContain('for iommu_group.mutex of nic, which vfio has');
    expect(out).toContain('for device_lock of nic, which driver has');
    expect(out).toContain('0 hold, 1 violated, 0 incomplete');
    expect(code).toBe(1);
    const again = doorbell(folder, ['run', 'c.spec.yaml']);
    expect(again.out).toContain('no thread can go on');
    expect(again.code).toBe(1);
  });

  test('random walks find what is there, the same for a seed, and prove nothing', () => {
    const walk = (design: string): Ended =>
      doorbell(early(), [
        ...['explore', 'early.spec.yaml', '--search', 'random', '--walks', '60', '--seed', '7'],
        ...['--design', design],
      ]);
    const [first, second] = [walk('tracked-early'), walk('tracked-early')];
    expect(first.out).toContain('does not hold: no unexpected fault');
    expect(second.out.replace(/\d+ ms/g, '')).toBe(first.out.replace(/\d+ ms/g, ''));
    expect(first.code).toBe(1);
    const none = walk('tracked');
    expect(none.out).toContain('0 hold, 0 violated, 1 incomplete');
    expect(none.code).toBe(3);
  });

  test('a bound that is hit, and what was never seen, are no pass', () => {
    const bound = doorbell(early(), [
      ...['explore', 'early.spec.yaml', '--design', 'tracked', '--max-states', '5'],
    ]);
    expect(bound.out).toContain('0 hold, 0 violated, 1 incomplete');
    expect(bound.code).toBe(3);
    const never = `${THREADS(ONE)}
explore:
  sometimes: { why: it goes to CPU 2, interrupts: { nic/0: { cpu: 2, count: 1 } } }`;
    const folder = project({ 'never.spec.yaml': specText(never, 'designs: [tracked]') });
    const { code, out } = doorbell(folder, ['explore', 'never.spec.yaml']);
    expect(out).toMatch(/INCOMPLETE[^]*it goes to CPU 2/);
    expect(code).toBe(3);
    expect(doorbell(folder, ['run', 'never.spec.yaml']).code).toBe(1);
  });

  test('--caches: what a kernel without TLBI leaves in the TLB, and the counterexample again', () => {
    const tlbi = `changes: { tlbi-on-unmap: off }
steps:
  - attach: { device: nic, domain: vm }
  - map: { domain: vm, iova: 0x4000_0000, pa: 0x8000_0000, size: 4K, prot: RW }
  - setup: { device: nic, vectors: 1, cpu: 0 }
interleave:
  irqbalance: [ { affinity: { vector: nic/0, cpu: 1 } }, { affinity: { vector: nic/0, cpu: 2 } } ]`;
    const folder = project({ 'tlbi.spec.yaml': specText(tlbi, 'designs: [tracked]') });
    const explore = (...more: string[]): Ended =>
      doorbell(folder, ['explore', 'tlbi.spec.yaml', ...more]);
    const { code, out } = explore('--spec', 'c.spec.yaml');
    expect(out).toContain('does not hold: no interrupt is lost');
    expect(out).toMatch(/smmu keeps: +0x8000000 -> 0x2c000000 of ASID 1/);
    expect(code).toBe(1);
    expect(explore('--caches', 'none').code).toBe(0);
    expect(doorbell(folder, ['run', 'c.spec.yaml']).out).toContain('no interrupt is lost');
  });

  test('--against: exit code as of diff', () => {
    const folder = early();
    const against = (design: string, ...more: string[]): Ended =>
      doorbell(folder, ['explore', 'early.spec.yaml', '--against', design, ...more]);
    const differ = against('tracked');
    expect(differ.out).toContain('only with tracked-early');
    expect(differ.code).toBe(1);
    const same = against('msi-iommu', '--design', 'tracked', '--json');
    const { comparisons } = JSON.parse(same.out) as { comparisons: { common: string[] }[] };
    expect(comparisons[0]?.common).toContain('an interrupt of nic/0 at CPU 1');
    expect(same.code).toBe(1);
    const wrong = against('trackt');
    expect(wrong.err).toMatch(/DB603 .*did you mean "tracked"/);
    expect(wrong.code).toBe(2);
    expect(against('tracked', '--design', 'tracked').code).toBe(5);
  });
});

describe('explore, a search that takes long', () => {
  /** Two drivers, and somebody who moves the vectors: some ten thousand states. */
  const long = (): string => {
    const thread = (device: string): string =>
      `\n  ${device}: { any-of: [ { setup: { device: ${device}, vectors: 1, cpu: 0 } }, { teardown: ${device} } ] }`;
    const moves = [0, 1].map((cpu) => `{ affinity: { vector: nic/0, cpu: ${cpu} } }`).join(', ');
    const text = `steps:
  - attach: { device: nic, domain: vm }
  - attach: { device: disk, domain: vm }
interleave:${thread('nic')}${thread('disk')}
  irqbalance: { any-of: [ ${moves} ] }`;
    return project({ 'long.spec.yaml': specText(text) });
  };
  const explore = (folder: string, ...args: string[]): Ended =>
    doorbell(folder, ['explore', 'long.spec.yaml', ...args]);
  const counts = (out: string): string =>
    /[\d,]+ states, [\d,]+ transitions, depth \d+/.exec(out)?.[0] ?? out;

  test('workers, and a search that was killed and resumed, come to the same counts', async () => {
    const folder = long();
    const whole = explore(folder);
    expect([whole.code, whole.out]).toEqual([
      0,
      expect.stringMatching(/HOLDS .* \d\d,\d{3} states/),
    ]);
    expect(counts(explore(folder, '--workers', '2', '--no-partial-order').out)).toBe(
      counts(explore(folder, '--no-partial-order').out),
    );
    const saved = ['--checkpoint', 'saved'];
    const child = spawn(
      process.execPath,
      [command.main, 'explore', 'long.spec.yaml', ...saved, '--every', '0.02'],
      { cwd: folder, stdio: 'ignore' },
    );
    const ended = once(child, 'exit');
    while (!existsSync(join(folder, 'saved')) && child.exitCode === null) await sleep(5);
    child.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
    const resumed = explore(folder, ...saved, '--resume');
    expect([resumed.code, counts(resumed.out)]).toEqual([0, counts(whole.out)]);
  }, 120_000);

  test('Ctrl-C: what was covered, and exit code 130', async () => {
    const folder = long();
    const args = ['explore', 'long.spec.yaml', '--checkpoint', 'saved', '--every', '0.02'];
    const child = spawn(process.execPath, [command.main, ...args], { cwd: folder });
    let out = '';
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    const ended = once(child, 'close');
    while (!existsSync(join(folder, 'saved')) && child.exitCode === null) await sleep(5);
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(out).toMatch(/INCOMPLETE .* states[^]*not every state was met: the search was stopped/);
  }, 60_000);

  test.each([
    [['--max-states', '2000'], /not every state was met: 2\d\d\d states were met/],
    [['--memory', '1'], /do not fit into 1 MB \(--memory\)/],
    [['--search', 'random', '--seed', '3', '--walks', '5'], /random walks/],
  ])('a bound that was hit is no pass: %j', (args, message) => {
    const { code, out } = explore(long(), ...args);
    expect(out).toMatch(message);
    expect([code, out]).toEqual([3, expect.stringContaining('0 hold, 0 violated, 1 incomplete')]);
  });

  test.each([
    [['--resume'], /--checkpoint says from where/],
    [['--search', 'random', '--workers', '2'], /a random search has one/],
    [['--workers', '9999'], /--workers: 9999 on \d+ processors? would wait for one another/],
    [['--seed', '3'], /--seed: a breadth-first search draws nothing/],
    [['--each-property', '--svg', 's.svg'], /--svg: --each-property tells no counterexample/],
    [['--against', 'rfc-v3', '--spec', 's'], /--spec: not with --against/],
    [['--against', 'rfc-v3', '--workers', '2'], /--workers: --against has one/],
    [['--checkpoint', 'nowhere/saved'], /nowhere\/saved cannot be written: ENOENT/],
    [['--checkpoint', 'c', 'late.spec.yaml'], /it is of one case, and 2 are selected/],
    [['--checkpoint', 'nowhere', '--resume'], /there is no checkpoint nowhere/],
  ])('flags that do not fit together: %j', (args, message) => {
    const folder = long();
    writeFileSync(join(folder, 'late.spec.yaml'), readFileSync(join(folder, 'long.spec.yaml')));
    const { code, err } = explore(folder, ...args);
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('fuzz', () => {
  const fuzz = (folder: string, ...args: string[]): Ended =>
    doorbell(folder, ['fuzz', '--seed', '1', ...args]);

  test('tracked fails nowhere, and it says what was exercised', () => {
    const { code, out, err } = fuzz(project({}), '--runs', '60');
    expect(out).toMatch(/^60 runs, \d+ interrupts delivered[^]*controllers [^]*no failure\n$/m);
    expect([code, err]).toEqual([0, '']);
  });

  test('a failure is written as a spec that run repeats', () => {
    const folder = project({});
    const { code, out } = fuzz(folder, '--design', 'unmapped', '--output', 'f.spec.yaml');
    expect(out).toContain('written: f.spec.yaml');
    expect(code).toBe(1);
    const again = doorbell(folder, ['run', 'f.spec.yaml']);
    expect([again.code, again.err]).toEqual([1, '']);
    const asked = /npx doorbell (fuzz .*)/.exec(out)?.[1]?.split(' ') ?? [];
    const text = readFileSync(join(folder, 'f.spec.yaml'), 'utf8');
    expect(doorbell(folder, [...asked, '--output', 'g.spec.yaml']).code).toBe(1);
    expect(readFileSync(join(folder, 'g.spec.yaml'), 'utf8')).toBe(text);
  });

  test('what it cannot do is said', () => {
    const none = fuzz(project({}), '--design', 'trackd');
    expect(none.err).toMatch(/DB603 .*did you mean "tracked"/);
    expect(none.code).toBe(2);
    const unwritten = fuzz(project({}), '--design', 'unmapped', '--output', '/nowhere/f.spec.yaml');
    expect(unwritten.err).toMatch(/DB602 .*\/nowhere/);
    expect(unwritten.code).toBe(1);
    const json = JSON.parse(fuzz(project({}), '--runs', '20', '--json').out) as { seed: number };
    expect(json).toMatchObject({ seed: 1, exercised: { runs: 20 } });
  });
});
