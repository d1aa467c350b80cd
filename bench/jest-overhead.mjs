/**
 * 200 spec files through the preset against 200 hand-written Jest files that drive the model's API
 * through the same steps to the same checks. Cold: without Jest's cache, as in CI; warm: with it.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { topology } from './machine.mjs';
import { alternate, ratio, timed } from './measure.mjs';
import { install, project } from './specs.mjs';

const COUNT = 200;

/** The same 12 steps and checks as in specs.mjs, as somebody would write them without a spec. */
const handWritten = (number) => `const { openModel } = require('doorbell/model');
const topology = require('./topology.json');

const nic = (index) => ({ device: 'nic', index });

describe('Generated test ${number}, one vector goes round the CPUs', () => {
  test('[tracked]', () => {
    const machine = openModel({
      topology,
      design: { name: 'tracked', initialCount: 1 },
      userMappings: 0,
    });
    const perform = (operation) => {
      const observation = machine.perform(operation);
      expect(observation.error).toBeUndefined();
      expect(observation.faults().value).toEqual([]);
      return observation;
    };
    const fires = (index, times, cpu) => {
      const observation = perform({ op: 'fire', vector: nic(index), times });
      const [delivery, ...others] = observation.interrupts().value;
      expect(delivery).toMatchObject({ vector: 'nic/' + index, count: times });
      if (cpu !== undefined) expect(delivery.cpu).toBe(cpu);
      expect(others).toEqual([]);
    };
    perform({ op: 'attach', device: 'nic', domain: 'vm' });
    const setup = perform({ op: 'setup', device: 'nic', vectors: 2, cpus: [0] });
    const mappings = setup.mappings('vm').value;
    expect(mappings).toHaveLength(1);
    expect(mappings[0].pa).toBe(0x0809_0000n);
    expect(setup.message('nic', 0).value).toEqual({ address: mappings[0].iova + 0x40n, data: 0 });
    fires(0, 1, 0);
    perform({ op: 'affinity', vector: nic(0), cpus: [1] });
    fires(0, 1, 1);
    perform({ op: 'affinity', vector: nic(0), cpus: [2] });
    fires(0, ${1 + (number % 7)}, 2);
    perform({ op: 'mask', vector: nic(1) });
    perform({ op: 'unmask', vector: nic(1) });
    fires(1, 1);
    perform({ op: 'teardown', device: 'nic', index: 1 });
    const end = perform({ op: 'teardown', device: 'nic' });
    expect(end.mappings('vm').value).toEqual([]);
    expect(end.leaks('vm').value).toBe(0);
  });
});
`;

function handProject() {
  const folder = project(0);
  mkdirSync(join(folder, 'tests'));
  writeFileSync(join(folder, 'tests/topology.json'), JSON.stringify(topology));
  for (let n = 0; n < COUNT; n++)
    writeFileSync(join(folder, `tests/hand-${String(n).padStart(4, '0')}.test.js`), handWritten(n));
  return folder;
}

/** Runs Jest and insists that every test ran and passed. */
function jest(folder, cold) {
  if (cold) rmSync(join(folder, '.cache'), { recursive: true, force: true });
  const report = join(folder, 'report.json');
  const bin = join(folder, 'node_modules/jest/bin/jest.js');
  const result = timed([bin, '--json', `--outputFile=${report}`, '--silent'], { cwd: folder });
  const passed = /"numPassedTests":(\d+)/.exec(readFileSync(report, 'utf8'))?.[1];
  if (passed !== String(COUNT)) throw new Error(`${passed} of ${COUNT} tests passed in ${folder}`);
  return result;
}

export async function run() {
  const specs = project(COUNT);
  const hand = handProject();
  const config = { cacheDirectory: './.cache' };
  for (const [folder, more] of [
    [specs, { preset: 'doorbell' }],
    [hand, { transform: {} }],
  ]) {
    install(folder);
    writeFileSync(join(folder, 'jest.config.json'), JSON.stringify({ ...config, ...more }));
  }
  const rows = [];
  for (const [kind, cold, times] of [
    ['cold', true, 3],
    ['warm', false, 5],
  ]) {
    const tasks = [() => jest(specs, cold), () => jest(hand, cold)];
    const [ours, theirs] = alternate(times, tasks);
    rows.push(ratio(`200 specs : 200 hand-written files in Jest, ${kind}`, ours, theirs, 1.2));
  }
  return rows;
}
