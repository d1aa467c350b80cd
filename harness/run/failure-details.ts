/** What a reader needs beside the comparison: the way of the MSI and the last things that happened. */
import type { Observation, TraceEvent } from '../../src/observation.ts';
import type { Case } from '../spec/case.ts';
import type { Failure } from './events.ts';

const LAST_EVENTS = 8;

export function withDetails(failure: Failure, observation: Observation): Failure {
  const at = failure.path?.vector.lastIndexOf('/') ?? -1;
  const path = failure.path && at > 0 ? {
    path: {
      vector: failure.path.vector,
      lines: observation.explainPath(failure.path.vector.slice(0, at), Number(failure.path.vector.slice(at + 1))),
    },
  } : {};
  return { ...failure, ...path, trace: observation.trace().slice(-LAST_EVENTS) };
}

/**
 * For a mapping or a leak: who took and dropped references in that domain, with the step each belongs to.
 * `history` is as far back as the target keeps.
 */
export function referenceStory(spec: Case, domain: string, history: readonly TraceEvent[]): string[] {
  return history
    .filter((event) => event.kind === 'ref' && event.who === domain)
    .map((event) => {
      const step = spec.steps[event.operation - 1];
      return `${event.text}   by ${step?.label ?? 'boot'} (step ${event.operation})`;
    });
}
