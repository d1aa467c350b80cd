/** Examples of what can be wrong with a spec (DB1xx to DB3xx). */
import type { SPEC_CODES } from '../spec/codes.ts';
import type { Example } from './example.ts';

/** Steps of the spec that `doorbell init` writes, the first two of them. */
const BEGIN = `steps:
  - attach: { device: nic, domain: vm }
  - setup: { device: nic, vectors: 1, cpu: 0 }`;

export const SPEC_EXAMPLES: Readonly<Record<keyof typeof SPEC_CODES, Example>> = {
  DB101: {
    note: 'a pipe is no file that can be read',
    command: 'mkfifo pipe.spec.yaml; doorbell validate pipe.spec.yaml',
  },
  DB102: {
    command:
      'head -c 2000000 /dev/zero | tr "\\0" "#" > large.spec.yaml; doorbell validate large.spec.yaml',
  },
  DB103: {
    command: "printf 'title: caf\\351' > latin1.spec.yaml; doorbell validate latin1.spec.yaml",
  },
  DB104: {
    change: 'matrix: { n: [1, 2] }\nsteps:\n  - setup: { device: nic, vectors: ${n} }',
  },
  DB105: { change: 'tags: [affinity]\ntags: [movi]' },
  DB106: {
    change: `title: &a [x, x, x, x, x, x, x, x, x]
description: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
source: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
tags: [*c, *c, *c, *c, *c, *c, *c, *c, *c]`,
  },
  DB107: { change: 'title: !ruby/object 2016' },
  DB108: { change: 'tags: [affinity]\n---\n' },
  DB201: { change: `steps:\n  - setup: { device: nic, vectros: 1, cpu: 0 }` },
  DB202: { change: `steps:\n  - attach: { device: nic }` },
  DB203: { change: `steps:\n  - setup: { device: nic, vectors: many, cpu: 0 }` },
  DB204: {
    change: `steps:
  - attach: { device: nic, domain: vm }
    expect: { faults: [ { name: ABORT } ] }`,
  },
  DB205: {
    change: `steps:
  - attach: { device: nic, domain: vm }
    expect: { mappings: { vm: { includes: [] } } }`,
  },
  DB301: { change: `steps:\n  - attach: { device: nick, domain: vm }` },
  DB302: { change: `steps:\n  - setup: { device: nic, vectors: "\${n}" }` },
  DB303: {
    change: `steps:
  - attach: { device: nic, domain: vm }
  - setup: { device: nic, vectors: 1, cpu: 4 }`,
  },
  DB304: {
    change: `topology:
  cpus: 4
  msi-controllers:
    its: { kind: gicv3-its, base: 0x0808_1000 }
  devices:
    nic: { bus: pci, address: "00:02.0", msix: 4, msi-parent: its }`,
  },
  DB305: { change: 'designs: [tracked, tracked]' },
  DB306: { change: `steps:\n  - setup: { device: nic, vectors: 1, cpu: 0, cpus: [0, 1] }` },
  DB307: { change: `steps:\n  - { attach: { device: nic, domain: vm }, teardown: nic }` },
  DB308: { change: 'topology: ../../machine.yaml' },
  DB309: {
    change: `matrix:
  a: [1, 2, 3, 4, 5, 6, 7, 8]
  b: [1, 2, 3, 4, 5, 6, 7, 8]
  c: [1, 2, 3, 4, 5, 6, 7, 8]`,
  },
  DB310: { change: `steps:\n  - attach: { device: nic, domain: vm }\n  - fire: nic/0` },
  DB311: {
    change: `topology:
  cpus: 4
  msi-controllers:
    its: { kind: gicv3-its, base: 0x0808_0000 }
  devices:
    nic: { bus: pci, address: "00:02.0", msix: 4, msi-parent: its }
  domains:
    vm: { kind: unmanaged }
steps:
  - attach: { device: nic, domain: vm }
    expect: { error: none }`,
  },
  DB312: { change: `steps:\n  - free-domain: vm\n  - attach: { device: nic, domain: vm }` },
  DB320: {
    change: `designs: [tracked]
expect:
  - design: rfc-v3
    mappings: none
  - leaks: none`,
  },
  DB330: { change: BEGIN, without: ['expect'] },
  DB430: {
    change: `${BEGIN}
interleave:
  irqbalance:
    - affinity: { vector: nic/0, cpu: 1 }
schedule:
  - irqbalance:
      - affinity: { vector: nic/0, cpu: 2 }`,
  },
  DB433: {
    change: `${BEGIN}
interleave:
  irqbalance:
    - affinity: { vector: nic/0, cpu: 1 }
explore:
  always: { interrupts: none }`,
  },
};
