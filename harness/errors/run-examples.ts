/**
 * Examples of what a run can find (DB4xx), and of the command line (DB6xx), targets (DB7xx) and
 * bugs.
 */
import type { RUN_CODES } from '../run/codes.ts';
import type { Example } from './example.ts';

const ATTACH = `steps:
  - attach: { device: nic, domain: vm }`;
const BEGIN = `${ATTACH}
  - setup: { device: nic, vectors: 1, cpu: 0 }`;
const TRACKED = 'designs: [tracked]';

/** A machine with a doorbell per CPU, where a new affinity is a new message. */
const PERCPU = `topology:
  cpus: 4
  msi-controllers:
    doorbells: { kind: percpu-doorbell, base: 0x2c00_0000, stride: 4K }
  iommus:
    smmu: { kind: smmu-v3, granule: 4K }
  devices:
    nic: { bus: pci, address: "00:02.0", msix: 4, msi-parent: doorbells, iommus: smmu }
  domains:
    vm: { kind: unmanaged, msi-window: { base: 0x0800_0000, size: 1M } }`;

const MOVE = `interleave:
  irqbalance:
    - affinity: { vector: nic/0, cpu: 1 }`;

/** A target of one's own: the model, but `perform` or `open` is as written. */
const target = (members: string): Pick<Example, 'note' | 'files' | 'command'> => ({
  note: 'a target of one’s own, which is wrong',
  files: {
    'own-target.mjs': `import { loadSpec, makeReporter, modelTarget, plain, runSpecs } from 'doorbell';

const target = {
  name: 'own',
  open(request) {
    const machine = modelTarget.open(request);
    return { perform: (o) => machine.perform(o), observe: () => machine.observe(), close: () => machine.close(),
      ${members}
    };
  },
};
const output = { columns: 80, write: (text) => process.stdout.write(text) };
const reporter = await makeReporter('lines', output, { colour: false, verbose: false, now: () => 0 });
await runSpecs({ files: ['example.spec.yaml'], load: (file) => loadSpec(file), target, reporters: [reporter] });
`,
  },
  command: 'node own-target.mjs',
});

const interruptsAre = (list: string): string =>
  `perform: (o) => Object.assign(Object.create(machine.perform(o)), o.op === 'fire'
        ? { interrupts: () => ({ seen: true, value: [${list}] }) } : {}),`;

/** Steps that expect nothing of an interrupt, so that the general rule holds. */
const FIRE = `${BEGIN}
    expect: { error: none }
  - fire: nic/0`;

export const RUN_EXAMPLES: Readonly<Record<keyof typeof RUN_CODES, Example>> = {
  DB401: {
    note: 'user space maps the same IOVA twice',
    change: `steps:
  - map: { domain: vm, iova: 0x1000, pa: 0x8000_0000, size: 4K, prot: RW }
  - map: { domain: vm, iova: 0x1000, pa: 0x9000_0000, size: 4K, prot: RW }`,
  },
  DB402: {
    note: 'the doorbell of this ITS is in its second 64K frame, at 0x0809_0000',
    change: `${BEGIN}
    expect: { mappings: { vm: [ { iova: any, pa: 0x0808_0000, size: 4K } ] } }`,
  },
  DB403: {
    note: 'GITS_TRANSLATER is at 0x40 of its page',
    change: `${BEGIN}
    expect: { mappings: { vm: [ { iova: $page, pa: any } ] }, messages: { nic/0: { address: $page } } }`,
  },
  DB404: {
    change: `${BEGIN}
  - fire: nic/0
    expect: { interrupts: { nic/0: { cpu: 1, count: 1 } } }`,
  },
  DB405: {
    change: `${BEGIN}
  - fire: nic/0
    expect: { faults: [ { name: F_TRANSLATION } ] }`,
  },
  DB406: {
    note: 'the SYNC is missing: an exact list holds it',
    change: `${BEGIN}
  - affinity: { vector: nic/0, cpu: 2 }
    expect: { commands: [ { MOVI: { event-id: 0, icid: 2 } } ] }`,
  },
  DB407: { change: `${ATTACH}\n    expect: { error: EBUSY }` },
  DB408: { change: `${BEGIN}\n    expect: { leaks: { vm: 1 } }` },
  DB409: { change: `${BEGIN}\n    expect: { windows: { vm: { free: 256 } } }` },
  DB422: { change: `${BEGIN}\n    expect: { affinity: { nic/0: { effective: 3 } } }` },
  DB410: {
    change: `${ATTACH}\n  - dma-write: { device: nic, address: 0x1000 }`,
  },
  DB411: {
    note: 'a reset clears MSI-X Enable',
    change: `${BEGIN}
    expect: { error: none }
  - reset: nic
  - fire: nic/0`,
  },
  DB412: {
    ...target(interruptsAre("{ vector: 'nic/0', cpu: 0, count: 2 }")),
    change: FIRE,
    without: ['expect'],
  },
  DB413: {
    ...target(interruptsAre("{ vector: 'nic/0', cpu: 3, count: 1 }")),
    change: FIRE,
    without: ['expect'],
  },
  DB414: {
    ...target(interruptsAre("{ vector: 'nic/1', cpu: 0, count: 1 }")),
    change: FIRE,
    without: ['expect'],
  },
  DB415: {
    note: 'nobody drops the reference on the doorbell of CPU 0',
    change: `${PERCPU}
designs: [rfc-v3]
${BEGIN}
    expect: { mappings: { vm: { count: 1 } } }
  - affinity: { vector: nic/0, cpu: 1 }
  - teardown: nic`,
    without: ['expect'],
  },
  DB416: {
    change: `${BEGIN}
  - mask: nic/0
  - fire: nic/0
    expect: { interrupts: none }
  - teardown: nic`,
    without: ['expect'],
  },
  DB417: { change: 'xfail: { reason: the interrupt goes to CPU 0 }' },
  DB418: {
    ...target(`perform: (o) => Object.assign(Object.create(machine.perform(o)),
        { interrupts: () => ({ seen: false, reason: 'nobody looks at the CPUs' }) }),`),
    change: `${BEGIN}
  - fire: nic/0
    expect: { interrupts: { nic/0: { count: 1 } } }
  - teardown: nic`,
    without: ['expect'],
  },
  DB419: {
    note: 'up to 5.7 the affinity of a freed interrupt went to the ITS as a MOVI',
    change: `kernel: 5.7
steps:
  - attach: { device: nic, domain: vm }
  - setup: { device: nic, vectors: 2, cpu: 0 }
    expect: { error: none }
  - teardown: nic/0
  - affinity: { vector: nic/0, cpu: 3 }
  - teardown: nic`,
    without: ['designs', 'expect'],
  },
  DB420: {
    note: 'the old doorbell goes while the device still has its address',
    change: `${PERCPU}\ndesigns: [tracked-early]\n${BEGIN}\n${MOVE}`,
    without: ['expect'],
  },
  DB421: {
    note: 'no order leads to an error of the kernel, which explore: says that it can',
    change: `${PERCPU}
${TRACKED}
${BEGIN}
${MOVE}
explore:
  sometimes: { error: ENOSPC }`,
    without: ['expect'],
  },
  DB431: {
    note: 'one order of the example of DB420',
    change: `${PERCPU}
designs: [tracked-early]
${BEGIN}
${MOVE}
schedule:
  - irqbalance:
      - affinity: { vector: nic/0, cpu: 1 }
      - irq_set_affinity
      - percpu_doorbell_set_affinity
      - percpu_doorbell_compose_msi_msg
      - msi_track_get
      - msi_track_put
  - raise: nic/0
  - arrive: nic`,
    without: ['expect'],
  },
  DB432: {
    change: `${PERCPU}
${TRACKED}
${BEGIN}
${MOVE}
schedule:
  - irqbalance:
      - affinity: { vector: nic/0, cpu: 1 }
      - msi_track_get`,
    without: ['expect'],
  },
  DB434: {
    note: 'unmapped: no write reaches a doorbell behind an SMMU',
    command: 'doorbell fuzz --runs 1 --seed 1 --design unmapped --domain vm',
  },
  DB501: {
    ...target(`perform: () => { throw new Error('the link to the board is down'); },`),
  },
  DB502: {
    ...target(`close: () => request.notice?.('the nic of the board had to be reset'),`),
  },
  DB601: { command: 'doorbell run specs/none.spec.yaml' },
  DB602: { command: 'doorbell run example.spec.yaml --reporter json=nowhere/report.json' },
  DB603: { command: 'doorbell run example.spec.yaml --reporter xml' },
  DB604: { command: 'doorbell run example.spec.yaml --tag none' },
  DB605: {
    files: { 'doorbell.config.yaml': 'run: { reporters: [lines] }' },
    command: 'doorbell run example.spec.yaml',
  },
  DB606: { command: 'doorbell init example.spec.yaml' },
  DB621: {
    files: { 'notes.txt': 'none' },
    command: 'doorbell merge notes.txt',
  },
  DB622: {
    command:
      'doorbell run example.spec.yaml --shard 1/2 --reporter json=one.json; doorbell merge one.json',
  },
  DB623: { command: 'doorbell run example.spec.yaml --changed no-such-branch' },
  DB701: { command: 'doorbell run example.spec.yaml --target linux --kernel ./no-such-Image' },
  DB711: { command: 'doorbell linux setup --kernel ./no-such-Image' },
  DB712: { command: "doorbell linux boot --kernel 6.12 --append 'rdinit=/no-such-init'" },
  DB713: { command: 'doorbell linux boot --msi gicv2m --device rocker@0' },
  DB901: {
    ...target('perform: () => undefined.nothing,'),
  },
};
