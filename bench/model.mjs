/** The model alone: operations per second by design, and time per step as a case gets longer. */
import { openModel } from '../dist/model.js';
import { attach, round, topology } from './machine.mjs';
import { median } from './measure.mjs';

const LENGTHS = [10, 100, 1_000, 10_000, 100_000];
const DESIGNS = ['rfc-v3', 'compose', 'msi-iommu', 'linux-5.2', 'linux-6.15', 'tracked'];

function open(name) {
  const machine = openModel({ topology, design: { name, initialCount: 1 }, userMappings: 0 });
  if ('unsupported' in machine) throw new Error(machine.unsupported);
  machine.perform(attach);
  return machine;
}

/**
 * Performs `count` operations; every one must succeed, or the figure would be that of an error
 * path.
 */
function drive(machine, count) {
  let delivered = 0;
  for (let n = 0; n < count; n++) {
    const operation = round[n % round.length];
    const observation = machine.perform(operation);
    if (observation.error !== undefined) throw new Error(`${operation.op}: ${observation.error}`);
    if (operation.op === 'fire') delivered += observation.interrupts().value.length;
  }
  return delivered;
}

function timed(machine, count) {
  const start = process.hrtime.bigint();
  const delivered = drive(machine, count);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const fires = Math.floor(count / round.length) * round.filter(({ op }) => op === 'fire').length;
  if (delivered < fires) throw new Error(`${delivered} of ${fires} interrupts arrived`);
  return seconds;
}

export async function run() {
  const rows = [];
  for (const design of DESIGNS) {
    const machine = open(design);
    drive(machine, 120_000);
    const rates = Array.from({ length: 5 }, () => 120_000 / timed(machine, 120_000));
    const rate = Math.round(median(rates));
    rows.push({
      name: `model, ${design}`,
      figure: `${rate.toLocaleString('en')} op/s`,
      target: '>= 200,000 op/s',
      ok: rate >= 200_000,
    });
  }
  const perStep = LENGTHS.map((length) => {
    const repeats = Math.max(5, 20_000 / length);
    const times = Array.from({ length: repeats }, () => timed(open('tracked'), length) / length);
    return median(times) * 1e6;
  });
  rows.push({
    name: `microseconds a step in a case of ${LENGTHS.join(', ')}`,
    figure: perStep.map((time) => time.toFixed(2)).join(', '),
    target: 'longest <= 1.5 x 1,000',
    ok: perStep[4] <= 1.5 * perStep[2],
  });
  return rows;
}
