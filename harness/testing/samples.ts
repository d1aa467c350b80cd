/** For tests: a small machine, cases written as YAML, and targets that do as they are told. */
import type { Observation } from '../../src/observation.ts';
import type { Operation } from '../../src/operation.ts';
import type { RunEvent, Summary, Verdict } from '../run/events.ts';
import { runCase } from '../run/run-case.ts';
import { runSpecs, type RunOptions } from '../run/runner.ts';
import type { Case } from '../spec/case.ts';
import { loadSpecText } from '../spec/load.ts';
import { modelTarget } from '../targets/model.ts';
import type { Machine, Target } from '../targets/target.ts';

const MACHINE = `
  cpus: 4
  msi-controllers:
    doorbells: { kind: percpu-doorbell, base: 0x2c00_0000, stride: 4K }
    its: { kind: gicv3-its, base: 0x0808_0000 }
  iommus:
    smmu: { kind: smmu-v3, granule: 4K }
  devices:
    nic: { bus: pci, address: "00:02.0", msix: 4, msi-parent: doorbells, iommus: smmu }
    disk: { bus: pci, address: "00:03.0", msix: 4, msi-parent: its, iommus: smmu }
  domains:
    vm: { kind: unmanaged, msi-window: { base: 0x0800_0000, size: 1M } }
`;

export const ATTACH = `
  - attach: { device: nic, domain: vm }
  - setup: { device: nic, vectors: 2, cpu: 0 }`;

/** Text of a spec. `rest` holds `steps:` and, if need be, `expect:`. */
export const specText = (rest: string, head = 'designs: [tracked]'): string =>
  `title: A sample\ntopology:${MACHINE}${head}\n${rest}\n`;

export function casesOf(text: string, file = 'sample.spec.yaml'): readonly Case[] {
  const { cases, diagnostics } = loadSpecText(text, { file: `/project/${file}`, root: '/project' });
  if (diagnostics.length > 0) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  return cases;
}

export function caseOf(steps: string, head?: string): Case {
  const first = casesOf(specText(`steps:${steps}`, head))[0];
  if (first === undefined) throw new Error('the sample has no case');
  return first;
}

export const run = (spec: Case, target: Target = modelTarget): Promise<Verdict> =>
  runCase(spec, target, { verbose: false, now: () => 0, onStep: () => undefined });

/** Codes of the checks that failed. */
export async function codesOf(steps: string, target?: Target, head?: string): Promise<string[]> {
  const { failures } = await run(caseOf(steps, head), target);
  return failures.map(({ diagnostic }) => diagnostic.code);
}

/** The model, but its observations are changed on the way. */
export function distorted(
  change: (operation: Operation, real: Observation) => Partial<Observation>,
): Target {
  return {
    name: 'distorted',
    async open(request) {
      const machine = await modelTarget.open(request);
      if ('unsupported' in machine) return machine;
      const wrapped: Machine = {
        perform: async (operation) => {
          const real = await machine.perform(operation);
          return Object.assign(Object.create(real) as Observation, change(operation, real));
        },
        observe: () => machine.observe(),
        close: () => machine.close(),
      };
      return wrapped;
    },
  };
}

/** Runs cases as if each file name were one file, and keeps the events. */
export async function runAll(
  files: Readonly<Record<string, readonly Case[]>>,
  options: Partial<RunOptions> = {},
): Promise<{ readonly events: readonly RunEvent[]; readonly summary: Summary }> {
  const events: RunEvent[] = [];
  const recorder = { on: (event: RunEvent) => void events.push(event), close: async () => {} };
  const summary = await runSpecs({
    files: Object.keys(files),
    load: (file) => ({ cases: files[file] ?? [], diagnostics: [] }),
    target: modelTarget,
    now: () => 0,
    ...options,
    reporters: [recorder, ...(options.reporters ?? [])],
  });
  return { events, summary };
}
