/** From a finding to a failure: adds the line of YAML, the way of the MSI and the last events. */
import type { Observation } from '../../src/observation.ts';
import type { Operation, VectorName } from '../../src/operation.ts';
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
  switch (operation.op) {
    case 'affinity':
    case 'mask':
    case 'unmask':
    case 'fire':
    case 'release':
    case 'forward':
    case 'unforward':
      return operation.vector;
    case 'setup':
    case 'teardown':
    case 'reset':
    case 'suspend':
    case 'restore':
    case 'unplug':
    case 'plug':
    case 'attach':
    case 'detach': {
      const device = spec.topology.devices[operation.device];
      if (device === undefined || vectorCapacity(device) === 0) return undefined;
      const index = operation.op === 'teardown' ? (operation.index ?? 0) : 0;
      return { device: operation.device, index };
    }
    case 'cpu-offline':
    case 'cpu-online':
    case 'move-vcpu':
    case 'end-guest':
    case 'map':
    case 'unmap':
    case 'register-window':
    case 'free-window':
    case 'flush':
    case 'free-domain':
    case 'dma-write':
      return undefined;
  }
}
