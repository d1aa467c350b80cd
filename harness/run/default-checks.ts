/**
 * What is checked unless the spec says otherwise (docs/design.md): no error, no fault, every MSI that was
 * sent arrives once where it may, no leak at the end.
 */
import type { Delivery, Observation } from '../../src/observation.ts';
import type { Case, Step } from '../spec/case.ts';
import { countFaults, faultFits, faultText } from '../checks/event-checks.ts';
import { failed, type Outcome, row } from '../checks/outcome.ts';
import type { Captures } from '../checks/values.ts';
import { vectorKey, type VectorStates } from './vector-states.ts';

export function unexpectedError(step: Step, observation: Observation): Outcome[] {
  if (observation.error === undefined || step.expect.some((e) => e.kind === 'error')) return [];
  return [failed('DB401', step, `the step returned ${observation.error}; no error is expected`)];
}

/** Faults that neither this step nor the end speaks of. */
export function unexpectedFaults(step: Step, spec: Case, observation: Observation, captures: Captures): Outcome[] {
  if (step.expect.some((e) => e.kind === 'faults')) return [];
  const seen = observation.faults();
  if (!seen.seen) return [];
  const allowed = spec.expect.flatMap((e) => (e.kind === 'faults' ? e.entries : []));
  const surplus = countFaults(seen.value).filter(
    (fault) => !allowed.some((pattern) => faultFits({ ...pattern, count: { kind: 'any', text: 'any' } }, fault, new Map(captures))),
  );
  if (surplus.length === 0) return [];
  const rows = surplus.map((fault) => row('-', faultText(fault)));
  const vector = step.operation.op === 'fire' ? vectorKey(step.operation.vector) : undefined;
  return [failed('DB405', step, 'a fault that the spec does not expect', { title: 'faults', rows }, vector)];
}

/** True if the step or the end says itself what interrupts or faults `vector` has. */
function isSpokenOf(vector: string, step: Step, spec: Case): boolean {
  const device = vector.slice(0, vector.lastIndexOf('/'));
  return [...step.expect, ...spec.expect].some(
    (e) =>
      (e.kind === 'interrupts' && (e.vector === vector || e.vector === '*')) ||
      (e.kind === 'faults' && e.entries.some((p) => p.device === undefined || p.device === device)),
  );
}

/** Every MSI arrives once, at a CPU that the vector may go to, and nothing else arrives. */
export function misdelivered(step: Step, spec: Case, observation: Observation, states: VectorStates): Outcome[] {
  const seen = observation.interrupts();
  if (!seen.seen) return [];
  const outcomes: Outcome[] = [];
  const fired = step.operation.op === 'fire' ? vectorKey(step.operation.vector) : undefined;
  for (const delivery of seen.value) {
    if (isSpokenOf(delivery.vector, step, spec)) continue;
    if (delivery.vector !== fired && !states.mayDeliver(delivery.vector)) {
      outcomes.push(lost(step, `an interrupt of ${delivery.vector} arrived that nobody sent`, '-', text(delivery)));
    } else if (!mayGo(delivery, observation)) {
      outcomes.push(lost(step, `${delivery.vector} went to CPU ${delivery.cpu}, which its affinity does not allow`, 'another CPU', text(delivery), delivery.vector));
    }
  }
  if (step.operation.op !== 'fire' || fired === undefined || isSpokenOf(fired, step, spec)) return outcomes;
  if (states.isMasked(fired)) return outcomes;
  const { times } = step.operation;
  const arrived = seen.value.filter((d) => d.vector === fired).reduce((sum, d) => sum + d.count, 0);
  if (arrived === times) return outcomes;
  const losses = observation.losses();
  const why = losses.seen ? losses.value.filter((l) => l.vector === fired).map((l) => l.why) : [];
  const message = `${times} sent, ${arrived} arrived${why.length > 0 ? `: ${[...new Set(why)].join('; ')}` : ''}`;
  return [...outcomes, lost(step, `${fired}: ${message}`, `${times} arrived`, `${arrived} arrived`, fired)];
}

function mayGo(delivery: Delivery, observation: Observation): boolean {
  const at = delivery.vector.lastIndexOf('/');
  if (at < 0) return false;
  return observation.affinity(delivery.vector.slice(0, at), Number(delivery.vector.slice(at + 1))).includes(delivery.cpu);
}

const text = (d: Delivery): string => `${d.vector} CPU ${d.cpu} ${d.count} times`;

const lost = (step: Step, message: string, expected: string, observed: string, vector?: string): Outcome =>
  failed('DB410', step, message, { title: 'interrupts', rows: [row(expected, observed)] }, vector);

/** References that nobody accounts for, in domains of which the end says nothing. */
export function unexpectedLeaks(spec: Case, observation: Observation, domains: readonly string[]): Outcome[] {
  const spoken = new Set(spec.expect.flatMap((e) => (e.kind === 'leaks' ? [e.domain] : [])));
  if (spoken.has('*')) return [];
  return domains.flatMap((domain) => {
    const leaks = observation.leaks(domain);
    if (spoken.has(domain) || !leaks.seen || leaks.value === 0) return [];
    const refs = `${leaks.value} reference${leaks.value === 1 ? '' : 's'}`;
    return [failed('DB407', spec, `at the end ${domain} holds ${refs} that no message accounts for`)];
  });
}

/** Silence that was expected, and nothing in the case that made a sound. */
export function silenceWithoutControl(spec: Case, heard: boolean): Outcome[] {
  if (heard) return [];
  const silent = [...spec.steps.flatMap((s) => s.expect), ...spec.expect].find(
    (e) => e.kind === 'interrupts' && e.deliveries.length === 0,
  );
  return silent === undefined
    ? []
    : [failed('DB411', silent, 'silence is expected, but nothing in this case was delivered or faulted: it proves nothing')];
}
