/**
 * `affinity`: the CPUs that an interrupt may go to, and the one that its controller sends it to.
 */
import type { ExpectAffinity } from '../spec/case.ts';
import type { Captures } from './captures.ts';
import { failed, HELD, moment, type Outcome, type Scene } from './finding.ts';

export function checkAffinity(expectation: ExpectAffinity, scene: Scene): Outcome {
  const { device, index, place, why } = expectation;
  const { captures, observation } = scene;
  const cpus = observation.affinity(device, index).toSorted((a, b) => a - b);
  const seen = { cpus, effective: observation.target(device, index) };
  const before = captures.snapshot();
  if (fits(expectation, seen, captures)) return HELD;
  captures.restore(before);
  const vector = `${device}/${index}`;
  const expected = wantedText(expectation, captures);
  const observed = seenText(seen);
  const message = `${moment(scene)}, ${vector} should have ${expected}; it has ${observed}`;
  const table = { title: `affinity of ${vector}`, rows: [{ expected, observed, differs: true }] };
  return failed({ code: 'DB422', place, message, table, vector: { device, index } }, why);
}

interface Seen {
  readonly cpus: readonly number[];
  readonly effective: number | undefined;
}

function fits({ none, cpus, effective }: ExpectAffinity, seen: Seen, captures: Captures): boolean {
  if (none || seen.cpus.length === 0) return none && seen.cpus.length === 0;
  if (cpus !== undefined && cpus.join() !== seen.cpus.join()) return false;
  if (effective === undefined) return true;
  if (effective === 'none' || seen.effective === undefined)
    return effective === 'none' && seen.effective === undefined;
  return captures.meets(effective, BigInt(seen.effective));
}

const text = (cpus: readonly number[] | undefined, effective: string | undefined): string =>
  [
    ...(cpus === undefined ? [] : [`cpus ${cpus.join(', ')}`]),
    ...(effective === undefined ? [] : [`effective ${effective}`]),
  ].join('; ');

const seenText = ({ cpus, effective }: Seen): string =>
  cpus.length === 0
    ? 'no interrupt'
    : text(cpus, effective === undefined ? 'none' : String(effective));

function wantedText({ none, cpus, effective }: ExpectAffinity, captures: Captures): string {
  if (none) return 'no interrupt';
  return text(cpus, typeof effective === 'object' ? captures.text(effective) : effective);
}
