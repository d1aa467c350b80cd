/**
 * What a controller, a guest or a change of the table costs a case that does not use it: steps on
 * the same machine with and without all kinds of controllers beside its own, with and without a
 * change switched that they do not use; and what one more change costs where a machine is opened.
 */
import { openModel } from '../dist/model.js';
import { loadSource } from '../scripts/load-source.mjs';
import { attach, round, topology } from './machine.mjs';
import { alternate, median } from './measure.mjs';

const STEPS = 60_000;
const PAIRS = 15;

const { behaviourOf, CHANGE_IDS } = await loadSource('src/kernel/changes/changes.ts');

/**
 * One controller of every other kind, an ITS with GICv4 and two guests: nothing is wired to them.
 */
const crowded = {
  ...topology,
  msiControllers: {
    ...topology.msiControllers,
    v2m: { kind: 'gicv2m', frames: [{ base: 0x0802_0000, baseSpi: 80, count: 64 }] },
    mbi: { kind: 'gicv3-mbi', base: 0x0900_0000, ranges: [{ baseSpi: 160, count: 64 }] },
    percpu: {
      kind: 'percpu-doorbell',
      base: 0x2c00_0000,
      stride: 4096,
      identities: 63,
      affinityReturns: 'IRQ_SET_MASK_OK',
    },
    imsic: { kind: 'riscv-imsic', base: 0x2d00_0000, stride: 4096, identities: 63 },
    far: {
      ...topology.msiControllers.its,
      base: 0x4808_0000,
      virtual: 'gicv4',
    },
  },
  guests: { one: { vcpus: 2, lpis: 64 }, two: { vcpus: 2, lpis: 64 } },
};

function open(machine, kernel) {
  const request = {
    topology: machine,
    design: { name: 'linux-5.2', initialCount: 1 },
    userMappings: 0,
  };
  const opened = openModel(kernel === undefined ? request : { ...request, kernel });
  if ('unsupported' in opened) throw new Error(opened.unsupported);
  opened.perform(attach);
  return opened;
}

function seconds(work) {
  const start = process.hrtime.bigint();
  work();
  return { seconds: Number(process.hrtime.bigint() - start) / 1e9 };
}

/** Of the processors: others who use the machine make it wait, not slower. */
function cpuSeconds(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6 };
}

const steps = (machine) => () =>
  cpuSeconds(() => {
    for (let n = 0; n < STEPS; n++) {
      const operation = round[n % round.length];
      if (machine.perform(operation).error !== undefined) throw new Error(operation.op);
    }
  });

/** A change that nothing here uses, the other way round. */
const named = { switches: { 'v2m-ns2': false } };

export async function run() {
  const tasks = [open(topology), open(crowded), open(topology, named)].map(steps);
  for (const task of tasks) task();
  const [bare, beside, versioned] = alternate(PAIRS, tasks);
  const share = (name, measured) => ({
    name,
    figure: `${(measured / bare).toFixed(3)} (${Math.round((measured * 1e9) / STEPS)} to ${Math.round((bare * 1e9) / STEPS)} ns a step)`,
    target: '<= 1.05',
    ok: measured / bare <= 1.05,
  });
  const short = () =>
    seconds(() => round.forEach((operation) => open(topology, named).perform(operation)));
  const lookUps = 2000;
  const behaviours = () =>
    seconds(() => {
      for (let n = 0; n < lookUps; n++) behaviourOf(named);
    });
  for (let n = 0; n < 20; n++) short();
  behaviours();
  const opening = median(Array.from({ length: 41 }, () => short().seconds)) / round.length;
  const change =
    median(Array.from({ length: 11 }, () => behaviours().seconds)) / lookUps / CHANGE_IDS.length;
  const percent = (100 * change) / opening;
  return [
    share('steps with five unused controllers and two guests beside', beside),
    share('steps with a change switched that they do not use', versioned),
    {
      name: 'one more change, of opening a machine and its first step',
      figure: `${percent.toFixed(2)} % (${Math.round(change * 1e9)} ns of ${Math.round(opening * 1e6)} us)`,
      target: '<= 1 %',
      ok: percent <= 1,
    },
  ];
}
