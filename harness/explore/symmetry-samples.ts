/** Plans in which something is alike, or nearly so. */
import { casesOf } from '../testing/samples.ts';
import { planOf } from './plan-of.ts';
import type { CasePlan } from './system-source.ts';

export interface Sample {
  readonly controller?: string;
  readonly granule?: string;
  readonly design?: string;
  readonly devices?: Readonly<Record<string, { msix?: number; in?: string; group?: string }>>;
  readonly steps?: string;
  /** By thread. */
  readonly threads: Readonly<Record<string, string>>;
  readonly explore?: string;
}

export const CONTROLLERS = {
  percpu: '{ kind: percpu-doorbell, base: 0x2c00_0000, stride: 4K, identities: 3 }',
  imsic: '{ kind: riscv-imsic, base: 0x2c00_0000, stride: 4K, identities: 3 }',
  v2m: '{ kind: gicv2m, frames: [ { base: 0x2c1c_0000, base-spi: 64, count: 4 } ] }',
  its: '{ kind: gicv3-its, base: 0x0808_0000, event-id-bits: 2, lpis: 64 }',
};

export function planFor({
  controller = CONTROLLERS.percpu,
  granule = '4K',
  design = 'tracked',
  devices = { a: {}, b: {} },
  steps = '',
  threads,
  explore = 'writes: posted',
}: Sample): CasePlan {
  const list = Object.entries(devices);
  const topology = list.map(
    ([name, { msix = 1 }], n) =>
      `    ${name}: { bus: pci, address: "00:0${n + 2}.0", msix: ${msix}, msi-parent: msis, iommus: smmu }`,
  );
  const attach = list.map(
    ([name, { in: domain = 'vm' }]) => `  - attach: { device: ${name}, domain: ${domain} }`,
  );
  const [spec] = casesOf(`title: A sample
topology:
  cpus: 2
  msi-controllers:
    msis: ${controller}
  iommus:
    smmu: { kind: smmu-v3, granule: ${granule} }
  devices:
${topology.join('\n')}
  domains:
    vm: { kind: unmanaged, msi-window: { base: 0x0800_0000, size: 64K } }
    through: { kind: identity }
    other: { kind: unmanaged, msi-window: { base: 0x0800_0000, size: 64K } }
designs: [${design}]
steps:
${attach.join('\n')}
${steps}
interleave:
${Object.entries(threads)
  .map(([name, thread]) => `  ${name}: ${thread}`)
  .join('\n')}
explore: { ${explore} }
`);
  const plan = spec && planOf(spec);
  if (plan === undefined || 'unexplorable' in plan) throw new Error('the sample is not explored');
  return plan;
}

/** Any operation of a driver that asks for either CPU. */
export const either = (name: string): string =>
  `{ any-of: [ { setup: { device: ${name}, vectors: 1, cpu: 0 } }, { setup: { device: ${name}, vectors: 1, cpu: 1 } }, ${moves(`${name}/0`)}, { teardown: ${name} } ] }`;
export const moves = (vector: string): string =>
  `{ affinity: { vector: ${vector}, cpu: 0 } }, { affinity: { vector: ${vector}, cpu: 1 } }`;
export const onOne = (name: string, cpu = 0): string =>
  `{ any-of: [ { setup: { device: ${name}, vectors: 1, cpu: ${cpu} } }, { teardown: ${name} } ] }`;
export const once = (name: string): string =>
  `[ { setup: { device: ${name}, vectors: 1, cpu: 0 } }, { teardown: ${name} } ]`;
export const setUp = (name: string, cpu: number, vectors = 1): string =>
  `  - setup: { device: ${name}, vectors: ${vectors}, cpu: ${cpu} }`;
