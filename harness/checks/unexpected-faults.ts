/** Faults that neither the step nor the end of the spec names. */
import type { VectorName } from '../../src/operation.ts';
import type { Step } from '../spec/case.ts';
import { type CountedFault, countFaults, faultFits, faultText } from './faults.ts';
import { failed, HELD, type Outcome, type Scene, unseen } from './finding.ts';

/** Undefined where the step's own `faults` expectation decides; `includes` there allows others. */
export function checkNoFaults(step: Step, scene: Scene): Outcome | undefined {
  if (step.expect.some(({ kind }) => kind === 'faults')) return undefined;
  const faults = scene.observation.faults();
  if (!faults.seen) return unseen(faults.reason);
  if (faults.value.length === 0) return HELD;
  const named = scene.case.expect.flatMap((e) => (e.kind === 'faults' ? e.entries : []));
  const surplus = countFaults(faults.value).filter((fault) => {
    const before = scene.captures.snapshot();
    const known = named.some((pattern) => faultFits(pattern, fault, scene.captures));
    // A capture of the end takes its value at the end, not from a fault on the way.
    scene.captures.restore(before);
    return !known;
  });
  if (surplus.length === 0) return HELD;
  const rows = surplus.map((fault) => {
    return { expected: '-', observed: faultText(fault), differs: true };
  });
  const names = [...new Set(surplus.map(({ name }) => name))].join(', ');
  const vector = vectorOf(step);
  return failed({
    code: 'DB410',
    place: step.place,
    message: `after this step, a fault was recorded that nothing in the spec expects: ${names}`,
    hint: `if that is meant: expect: { faults: ${asExpected(surplus)} }`,
    table: { title: 'faults', rows },
    ...(vector === undefined ? {} : { vector }),
  });
}

/** As the spec would say it. Of many, one: includes allows the others. */
function asExpected(faults: readonly CountedFault[]): string {
  const entries = faults.map(({ device, name, count }) => {
    return `{ device: ${device}, name: ${name}${count > 1 ? `, count: ${count}` : ''} }`;
  });
  return entries.length > 2 ? `{ includes: [ ${entries[0]} ] }` : `[ ${entries.join(', ')} ]`;
}

function vectorOf({ operation }: Step): VectorName | undefined {
  return 'vector' in operation ? operation.vector : undefined;
}
