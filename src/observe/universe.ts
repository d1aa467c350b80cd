/**
 * Everything that the model can do, by name, from the code itself: what a corpus can be measured
 * against. Steps are taken from the trees of all procedures with every driver and every design in
 * them.
 */
import { DESIGNS } from '../designs/designs.ts';
import { DESIGN_NAMES, NO_HOOKS } from '../designs/design.ts';
import { ARRIVAL, ARRIVAL_TEXT } from '../hardware/bus.ts';
import { LOST } from '../hardware/fabric.ts';
import { ITS_COMMAND } from '../hardware/gic/its.ts';
import { FAULT } from '../hardware/smmu/smmu.ts';
import { DRIVERS, hooksFor } from '../kernel/controllers/drivers.ts';
import { CPU_PROCEDURES } from '../kernel/cpu-hotplug.ts';
import { stepNamesOf } from '../kernel/procedure.ts';
import { CONTAINER_PROCEDURES, DEVICE_PROCEDURES, OTHER_PROCEDURES } from '../kernel/procedures.ts';
import { lossText, SMMU_NAMES } from './decode.ts';

export const ASPECTS = ['procedures', 'steps', 'designs', 'commands', 'faults', 'losses'] as const;
export type Aspect = (typeof ASPECTS)[number];
export type Universe = Readonly<Record<Aspect, readonly string[]>>;

/**
 * What the hardware of the model could do and no procedure of Linux makes it do, with the reason.
 */
export const UNREACHABLE: Readonly<Record<string, string>> = {
  C_BAD_STE: 'every STE that the driver makes has its valid bit: a second level is all abort',
  [lossText(ARRIVAL.collectionUnmapped)]:
    'the collection of a CPU is mapped when it first comes up, and never unmapped',
  [lossText(ARRIVAL.vpeUnmapped)]:
    'a vPE is unmapped after its last interrupt: EBUSY while one is forwarded',
};

export function universe(): Universe {
  const procedures = new Set<string>(Object.keys(OTHER_PROCEDURES));
  const steps = new Set<string>();
  for (const design of Object.values(DESIGNS)) {
    for (const tree of Object.values(OTHER_PROCEDURES)) stepNamesOf(tree(design), steps);
    for (const [kind, driver] of Object.entries(DRIVERS)) {
      for (const [name, tree] of Object.entries(DEVICE_PROCEDURES)) {
        procedures.add(`${name}/${kind}`);
        stepNamesOf(tree(driver, hooksFor(driver, design)), steps);
      }
      // Procedures count by their operation: what is a CPU's or a container's own shows in its
      // steps.
      for (const tree of [...Object.values(CPU_PROCEDURES), ...Object.values(CONTAINER_PROCEDURES)])
        stepNamesOf(tree(driver, hooksFor(driver, design)), steps);
    }
  }
  return {
    procedures: [...procedures].sort(),
    steps: [...steps].sort(),
    designs: DESIGN_NAMES.flatMap((name) => [...hookSteps(name)].map((step) => `${name}: ${step}`)),
    commands: [
      ...Object.keys(ITS_COMMAND),
      ...new Set(
        Object.values(SMMU_NAMES)
          .flat(2)
          .filter((name) => name !== ''),
      ),
    ],
    // An abort is no fault: it is recorded nowhere, and counts among the losses.
    faults: Object.keys(FAULT).filter((name) => name !== 'ABORT'),
    losses: [
      ...new Set(
        [...Object.keys(ARRIVAL_TEXT).map(Number), LOST.disabled, LOST.aborted].map(lossText),
      ),
    ],
  };
}

/** What a design itself does: the steps of its hooks. */
export function hookSteps(name: (typeof DESIGN_NAMES)[number]): ReadonlySet<string> {
  const design = DESIGNS[name];
  const steps = new Set<string>();
  for (const hook of Object.keys(NO_HOOKS) as (keyof typeof NO_HOOKS)[])
    stepNamesOf(design[hook], steps);
  return steps;
}
