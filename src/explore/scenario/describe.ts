/** Steps and states of the scenario in words. */
import { STEPS } from './moves.ts';
import type { Parameters } from './parameters.ts';
import { of, type StateFields } from './state.ts';
import { labelsPerDevice, slotLabels } from './tables.ts';

interface Shape {
  readonly p: Parameters;
  readonly f: StateFields;
}

export function describeStep({ p, f }: Shape, label: number): string {
  const slots = slotLabels(f);
  const slot = label % slots;
  const move = Math.floor(label / slots);
  const device = Math.floor(move / labelsPerDevice(p));
  const inDevice = move % labelsPerDevice(p);
  const cpu = inDevice % p.cpus;
  const vector = Math.floor(inDevice / p.cpus) % p.vectors;
  const step = STEPS[Math.floor(inDevice / p.cpus / p.vectors)] ?? '?';
  const mapped = slot === 0 ? '' : `, mapped at slot ${slot}`;
  return `device ${device} vector ${vector}: ${step} (CPU ${cpu}${mapped})`;
}

export function describeState(
  { f }: Shape,
  bindings: number,
  blocks: readonly number[],
): Record<string, string> {
  const parts: Record<string, string> = {};
  f.bindings.forEach(({ slot, ref }, q) => {
    parts[`page ${q}`] = `slot ${of(bindings, slot)}, references ${of(bindings, ref)}`;
  });
  blocks.forEach((block, d) => {
    parts[`thread ${d}`] = `pc ${of(block, f.pc)}, vector ${of(block, f.v)}, CPU ${of(block, f.c)}`;
    f.vectors.forEach((vector, n) => {
      const active = of(block, vector.act) === 1 ? 'active' : 'inactive';
      parts[`vector ${d}/${n}`] =
        `${active}, CPU ${of(block, vector.cpu)}, slot ${of(block, vector.slot)}`;
    });
  });
  return parts;
}
