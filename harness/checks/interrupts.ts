/** `interrupts`: how often a vector arrived, and where. */
import type { Delivery } from '../../src/observation.ts';
import type { VectorName } from '../../src/operation.ts';
import type { ExpectInterrupts } from '../spec/case.ts';
import type { Captures } from './captures.ts';
import { failed, HELD, type Outcome, type Row, type Scene, unseen } from './finding.ts';
import { lossReasons } from './losses.ts';
import { count } from './text.ts';

type Pattern = ExpectInterrupts['deliveries'][number];

export function checkInterrupts(expectation: ExpectInterrupts, scene: Scene): Outcome {
  const { vector, deliveries, place, why } = expectation;
  if (!scene.interrupts.seen) return unseen(scene.interrupts.reason);
  const all = scene.interrupts.value;
  const seen = vector === '*' ? all : all.filter((delivery) => delivery.vector === vector);
  const before = scene.captures.snapshot();
  const { rows, held } = compare(deliveries, seen, scene.captures);
  if (held) return HELD;
  scene.captures.restore(before);
  const concerned = vectorNamed(vector === '*' ? (seen[0]?.vector ?? '') : vector);
  return failed(
    {
      code: 'DB404',
      place,
      message: messageOf(expectation, seen, scene),
      table: { title: vector === '*' ? 'interrupts' : `interrupts of ${vector}`, rows },
      ...(concerned === undefined ? {} : { vector: concerned }),
    },
    why,
  );
}

/** Patterns that name a CPU first; those that leave it out share what is left. */
function compare(
  patterns: readonly Pattern[],
  seen: readonly Delivery[],
  captures: Captures,
): { rows: Row[]; held: boolean } {
  const left = new Set(seen);
  const order = [...patterns].sort((a, b) => Number(isOpen(a)) - Number(isOpen(b)));
  const rows = order.map((pattern): Row => {
    const taken = [...left].filter(
      ({ cpu, vcpu }) => vcpu === pattern.vcpu && captures.meets(pattern.cpu, BigInt(cpu)),
    );
    for (const delivery of taken) left.delete(delivery);
    const number = taken.reduce((sum, delivery) => sum + delivery.count, 0);
    const expected = patternText(pattern, captures);
    const differs = !captures.meets(pattern.count, BigInt(number));
    return { expected, observed: taken.map(deliveryText).join(', ') || 'none', differs };
  });
  const others = [...left].map((delivery): Row => {
    return { expected: 'none', observed: deliveryText(delivery), differs: true };
  });
  const all = [...rows, ...others];
  return { rows: all, held: all.every(({ differs }) => !differs) };
}

const isOpen = ({ cpu }: Pattern): boolean => cpu?.kind !== 'value';

const placeText = (cpu: string, vcpu: string | undefined): string =>
  vcpu === undefined ? `at ${cpu}` : `at vCPU ${vcpu} on ${cpu}`;

export const deliveryText = ({ vector, cpu, vcpu, count: n }: Delivery): string =>
  `${vector} ${placeText(`CPU ${cpu}`, vcpu)}, ${count(n, 'time')}`;

const timesText = (n: string): string => `${n} ${n === '1' ? 'time' : 'times'}`;

const patternText = (pattern: Pattern, captures: Captures): string =>
  `${placeText(pattern.cpu ? `CPU ${captures.text(pattern.cpu)}` : 'any CPU', pattern.vcpu)}, ${timesText(captures.text(pattern.count))}`;

function messageOf(
  { vector, deliveries }: ExpectInterrupts,
  seen: readonly Delivery[],
  scene: Scene,
): string {
  const where = scene.step === undefined ? 'in the whole case' : 'in this step';
  const got = seen.length === 0 ? 'none' : seen.map(deliveryText).join('; ');
  const who = vector === '*' ? 'no interrupt' : deliveries.length === 0 ? `none of ${vector}` : '';
  const wanted =
    who === '' ? `interrupts of ${vector} are not as expected` : `${who} should arrive`;
  const why = seen.length === 0 ? lossReasons(scene.observation, vector) : '';
  return `${where}, ${wanted}; observed: ${got}${why}`;
}

/** `nic/0` in its parts; undefined for what is no vector, such as `spurious`. */
export function vectorNamed(vector: string): VectorName | undefined {
  const at = vector.lastIndexOf('/');
  if (at < 0) return undefined;
  return { device: vector.slice(0, at), index: Number(vector.slice(at + 1)) };
}
