/** From a finding to a failure: adds the line of YAML, the way of the MSI and the last events. */
import type { Observation } from '../../src/observation.ts';
import type { Operation, VectorName } from '../../src/operation.ts';
import { OPERATION_KINDS } from '../../src/operation-kinds.ts';
import { vectorCapacity } from '../../src/topology/resolve.ts';
import type { Finding } from '../checks/finding.ts';
import type { Case, Place } from '../spec/case.ts';
import type { Failure } from './events.ts';

const LAST_EVENTS = 8;

export type SourceLine = (place: Place) => string | undefined;

export function failureOf(
  finding: Finding,
  spec: Case,
  step: number | undefined,
  observation: Observation,
  sourceLine: SourceLine,
): Failure {
  const { code, message, place, hint, table } = finding;
  const line = sourceLine(place);
  const vector = finding.vector ?? concerned(spec, step);
  return {
    diagnostic: {
      code,
      severity: 'error',
      message,
      place,
      ...(line === undefined ? {} : { sourceLine: line }),
      ...(hint === undefined ? {} : { hint }),
    },
    ...(step === undefined ? {} : { step }),
    ...(table === undefined ? {} : { table }),
    ...(vector === undefined ? {} : { path: pathOf(vector, observation) }),
    trace: observation.history().slice(-LAST_EVENTS),
  };
}

const pathOf = (
  { device, index }: VectorName,
  observation: Observation,
): NonNullable<Failure['path']> => ({
  vector: `${device}/${index}`,
  lines: observation.explainPath(device, index),
});

/** The vector that the step, or the last one before the end that has one, is about. */
function concerned(spec: Case, step: number | undefined): VectorName | undefined {
  const from = step ?? spec.steps.length - 1;
  for (let i = from; i >= 0; i--) {
    const operation = spec.steps[i]?.operation;
    const vector = operation && vectorOf(operation, spec);
    if (vector !== undefined || step !== undefined) return vector;
  }
  return undefined;
}

function vectorOf(operation: Operation, spec: Case): VectorName | undefined {
  if ('vector' in operation) return operation.vector;
  if (OPERATION_KINDS[operation.op].of !== 'device' || !('device' in operation)) return undefined;
  const device = spec.topology.devices[operation.device];
  if (device === undefined || vectorCapacity(device) === 0) return undefined;
  const index = operation.op === 'teardown' ? (operation.index ?? 0) : 0;
  return { device: operation.device, index };
}
