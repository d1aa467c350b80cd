/**
 * What a device's thread can do next. It depends on the device's own block alone, but for what
 * happens to a binding, which a move names (tables.ts puts the two together).
 */
import type { Parameters } from './parameters.ts';
import { of, withField, type StateFields } from './state.ts';

/** What a move does to the binding of its page, or takes from it. */
export const BINDING = { none: 0, get: 1, put: 2, read: 3 } as const;
export type Binding = (typeof BINDING)[keyof typeof BINDING];

/** The atomic steps, by the letters of the scenario. */
export const STEPS = [
  'set up: take the doorbell mapping',
  'set up: write the address',
  'set up: write the data, unmask',
  'affinity: take the new doorbell mapping',
  'affinity: write the address',
  'affinity: write the data',
  'affinity: release the old doorbell mapping',
  'tear down: mask',
  'tear down: release the doorbell mapping',
] as const;
export const STEP = {
  setupGet: 0,
  setupAddress: 1,
  setupData: 2,
  affinityGet: 3,
  affinityAddress: 4,
  affinityData: 5,
  affinityPut: 6,
  mask: 7,
  teardownPut: 8,
} as const;

export interface Move {
  readonly step: number;
  readonly vector: number;
  readonly cpu: number;
  readonly binding: Binding;
  readonly page: number;
  /** The block after it; for `read`, with 0 in the slot field that is read into. */
  readonly next: number;
}

export function movesOf(p: Parameters, f: StateFields, block: number): Move[] {
  const pc = of(block, f.pc);
  const v = of(block, f.v);
  const c = of(block, f.c);
  const page = (cpu: number): number => (p.pages === 1 ? 0 : cpu);
  const at = (next: number, nextPc: number): number => withField(next, f.pc, nextPc);
  const idle = (next: number): number => at(withField(withField(next, f.v, 0), f.c, 0), 0);
  const move = (step: number, binding: Binding, cpu: number, next: number, vector = v): Move => ({
    step,
    vector,
    cpu,
    binding,
    page: page(cpu),
    next,
  });
  const fields = f.vectors[v];
  if (fields === undefined) return [];
  const set = (field: 'act' | 'cpu' | 'slot', value: number, from = block): number =>
    withField(from, fields[field], value);
  const oldCpu = of(block, fields.cpu);

  switch (pc) {
    case 0:
      return f.vectors.flatMap((vector, n) => {
        const taken = (cpu: number, nextPc: number): number =>
          at(withField(withField(block, f.v, n), f.c, cpu), nextPc);
        const cpus = Array.from({ length: p.cpus }, (_, cpu) => cpu);
        if (of(block, vector.act) === 0)
          return cpus.map((cpu) => move(STEP.setupGet, BINDING.get, cpu, taken(cpu, 1), n));
        const others = cpus.filter((cpu) => cpu !== of(block, vector.cpu));
        return [
          ...others.map((cpu) => move(STEP.affinityGet, BINDING.get, cpu, taken(cpu, 3), n)),
          move(STEP.mask, BINDING.none, 0, withField(taken(0, 6), vector.act, 0), n),
        ];
      });
    case 1:
      return [move(STEP.setupAddress, BINDING.read, c, at(set('slot', 0), 2))];
    case 2:
      return [move(STEP.setupData, BINDING.none, c, idle(set('cpu', c, set('act', 1))))];
    case 3:
      return p.strategy === 'early-release'
        ? [move(STEP.affinityPut, BINDING.put, oldCpu, at(block, 7))]
        : [move(STEP.affinityAddress, BINDING.read, c, at(set('slot', 0), 4))];
    case 4: {
      const written = set('cpu', c);
      const next =
        p.strategy === 'tracked' ? at(withField(written, f.c, oldCpu), 5) : idle(written);
      return [move(STEP.affinityData, BINDING.none, c, next)];
    }
    case 5:
      return [move(STEP.affinityPut, BINDING.put, c, idle(block))];
    case 6:
      return [move(STEP.teardownPut, BINDING.put, oldCpu, idle(set('slot', 0, set('cpu', 0))))];
    default:
      return [move(STEP.affinityAddress, BINDING.read, c, at(set('slot', 0), 4))];
  }
}
