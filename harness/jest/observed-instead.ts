/**
 * What is there to be seen of an expectation's kind, in the words of its check: for a `.not` that
 * found it.
 */
import { check } from '../checks/check.ts';
import type { Scene } from '../checks/finding.ts';
import type { Expectation } from '../spec/case.ts';

/** The check of "none of it" tells everything that there is. */
export function observedInstead(expectation: Expectation, scene: Scene): string[] {
  const before = scene.captures.snapshot();
  const outcomes = check(noneOf(expectation), scene);
  scene.captures.restore(before);
  return outcomes.flatMap((outcome) => {
    if (outcome.kind !== 'failed') return [];
    const { table, message } = outcome.finding;
    const rows = table?.rows.filter(({ observed }) => observed !== '-') ?? [];
    return rows.length === 0
      ? [message]
      : rows.map(({ observed, note }) => (note === undefined ? observed : `${observed}   ${note}`));
  });
}

function noneOf(expectation: Expectation): Expectation {
  const { place } = expectation;
  switch (expectation.kind) {
    case 'mappings':
      return { kind: 'mappings', place, domain: expectation.domain, mode: 'exact', entries: [] };
    case 'message':
    case 'affinity':
      return { ...expectation, none: true };
    case 'interrupts':
      return { kind: 'interrupts', place, vector: expectation.vector, deliveries: [] };
    case 'faults':
      return { kind: 'faults', place, mode: 'exact', entries: [] };
    case 'commands':
    case 'invalidations':
      return { kind: expectation.kind, place, mode: 'exact', entries: [] };
    case 'error':
      return { kind: 'error', place, error: 'none' };
    case 'leaks':
      return { ...expectation, count: { kind: 'value', value: 0n, text: '0' } };
    case 'window':
      return { ...expectation, none: true };
  }
}
