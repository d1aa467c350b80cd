/**
 * The scenario family of docs/explorer-engine.md in the kernel's own steps, in any size:
 *
 *     node bench/explore/family.mjs CPUS DEVICES VECTORS > family.yaml
 *
 * A thread for each device sets its vectors up, moves any of them to any CPU, tears them down, any
 * number of times. Writes are atomic, as the scenario's are: a device that fires meets what is
 * there at that moment.
 */
import { pathToFileURL } from 'node:url';

const range = (n) => Array.from({ length: n }, (_, i) => i);

export function familySpec({ cpus, devices, vectors, designs = ['tracked'] }) {
  const names = range(devices).map((d) => `dev${d}`);
  const device = (name, d) =>
    `    ${name}: { bus: pci, address: "00:0${d + 1}.0", msix: ${vectors}, msi-parent: doorbells, iommus: smmu }`;
  const setups = (name) =>
    range(cpus).map((c) => `setup: { device: ${name}, vectors: ${vectors}, cpu: ${c} }`);
  const moves = (name) =>
    range(vectors).flatMap((v) =>
      range(cpus).map((c) => `affinity: { vector: ${name}/${v}, cpu: ${c} }`),
    );
  const thread = (name) =>
    `  ${name}-driver:\n    any-of:\n${[...setups(name), ...moves(name), `teardown: ${name}`]
      .map((step) => `      - ${step}`)
      .join('\n')}`;
  return `# Written by bench/explore/family.mjs ${cpus} ${devices} ${vectors}
title: ${cpus} CPUs, ${devices} devices of ${vectors} vectors each, set up, moved and torn down in any order
source: the scenario of docs/explorer-engine.md

topology:
  cpus: ${cpus}
  msi-controllers:
    doorbells: { kind: percpu-doorbell, base: 0x2c00_0000, stride: 4K, identities: 63 }
  iommus:
    smmu: { kind: smmu-v3, granule: 4K }
  devices:
${names.map(device).join('\n')}
  domains:
    vm: { kind: unmanaged, msi-window: { base: 0x0800_0000, size: 64K } }

designs: [${designs.join(', ')}]

steps:
${names.map((name) => `  - attach: { device: ${name}, domain: vm }`).join('\n')}

interleave:
${names.map(thread).join('\n')}

explore: { writes: atomic }
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [cpus, devices, vectors] = process.argv.slice(2).map(Number);
  if (![cpus, devices, vectors].every((n) => n > 0)) {
    console.error('usage: node bench/explore/family.mjs CPUS DEVICES VECTORS');
    process.exit(2);
  }
  process.stdout.write(familySpec({ cpus, devices, vectors }));
}
