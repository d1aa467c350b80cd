/** `faults`: what the SMMU recorded. Equal faults are counted together. */
import type { Fault } from '../../src/observation.ts';
import type { ExpectFaults, FaultPattern, ValueExpr } from '../spec/case.ts';
import { assign, GAVE_UP } from './assignment.ts';
import type { Captures } from './captures.ts';
import { failed, HELD, moment, type Outcome, type Row, type Scene, unseen } from './finding.ts';
import { address, count, hex } from './text.ts';

export interface CountedFault extends Fault {
  readonly count: number;
}

export function checkFaults(expectation: ExpectFaults, scene: Scene): Outcome {
  const { entries, mode, place, why } = expectation;
  const { captures } = scene;
  const observed = scene.faults();
  if (!observed.seen) return unseen(observed.reason);
  const faults = countFaults(observed.value);
  const { met, complete, flow, gaveUp } = assign<FaultPattern, CountedFault>({
    patterns: entries,
    items: faults,
    captures,
    exact: mode === 'exact',
    match: (pattern, fault) => faultFits(pattern, fault, captures),
    isFree: ({ streamId, address: where }) => captures.isFree(streamId) || captures.isFree(where),
    demand: (pattern) => demandOf(pattern.count),
    supply: (fault) => fault.count,
  });
  if (met && (complete || mode === 'includes')) return HELD;

  const left = faults.map((f, i) => f.count - flow.reduce((sum, row) => sum + (row[i] ?? 0), 0));
  const rows = entries.map((pattern, p): Row => {
    const own = faults.flatMap((f, i) => {
      const n = flow[p]?.[i] ?? 0;
      return n === 0 ? [] : [faultText({ ...f, count: n })];
    });
    const has = flow[p]?.reduce((sum, n) => sum + n, 0) ?? 0;
    const expected = patternText(pattern, captures);
    return {
      expected,
      observed: own.join(', ') || '-',
      differs: has < demandOf(pattern.count).min,
    };
  });
  const others = faults.flatMap((f, i): Row[] => {
    const n = left[i] ?? 0;
    const expected = mode === 'exact' ? '-' : '(others may be there)';
    return n === 0
      ? []
      : [{ expected, observed: faultText({ ...f, count: n }), differs: mode === 'exact' }];
  });
  const n = observed.value.length;
  const wanted = entries.length === 0 ? 'there should be no fault' : 'the faults differ';
  const message = `${moment(scene)}, ${wanted}; ${n === 0 ? 'none' : count(n, 'fault')} recorded`;
  const table = { title: 'faults', rows: [...rows, ...others] };
  const hint = gaveUp ? { hint: GAVE_UP } : {};
  return failed({ code: 'DB405', place, message, table, ...hint }, why);
}

export function countFaults(faults: readonly Fault[]): CountedFault[] {
  const counted = new Map<string, CountedFault>();
  for (const fault of faults) {
    const key = `${fault.device} ${fault.streamId} ${fault.address} ${fault.name}`;
    counted.set(key, { ...fault, count: (counted.get(key)?.count ?? 0) + 1 });
  }
  return [...counted.values()];
}

/** Whether the pattern speaks of such a fault, however many there are. */
export function faultFits(pattern: FaultPattern, fault: Fault, captures: Captures): boolean {
  return (
    (pattern.device === undefined || pattern.device === fault.device) &&
    (pattern.name === undefined || pattern.name === fault.name) &&
    captures.meets(pattern.streamId, BigInt(fault.streamId)) &&
    meetsAddress(pattern.address, fault, captures)
  );
}

/**
 * A record without an address is no address, not zero: it meets only what asks for none or for any.
 */
function meetsAddress(
  wanted: ValueExpr | undefined,
  { address: where }: Fault,
  captures: Captures,
): boolean {
  if (where !== undefined) return captures.meets(wanted, where);
  return wanted === undefined || wanted.kind === 'any';
}

/**
 * How many faults a pattern takes. A capture cannot count faults before they are assigned: any
 * number.
 */
function demandOf(expr: ValueExpr): { min: number; max: number } {
  switch (expr.kind) {
    case 'value':
      return { min: Number(expr.value), max: Number(expr.value) };
    case 'range':
      return { min: Number(expr.min), max: Number(expr.max) };
    case 'capture':
    case 'any':
      return { min: 1, max: Number.MAX_SAFE_INTEGER };
  }
}

export const faultText = (fault: CountedFault): string =>
  `${fault.name}  ${fault.device} StreamID ${hex(fault.streamId)}  ${fault.address === undefined ? 'no address' : address(fault.address)}${times(fault.count)}`;

const times = (n: number): string => (n === 1 ? '' : `  ${n} times`);

function patternText(pattern: FaultPattern, captures: Captures): string {
  const text = (expr: ValueExpr | undefined): string => (expr ? captures.text(expr) : '*');
  const { name = '*', device = '*', streamId, address: where, count: n } = pattern;
  const often = n.kind === 'value' && n.value === 1n ? '' : `  ${captures.text(n)} times`;
  return `${name}  ${device} StreamID ${text(streamId)}  ${text(where)}${often}`;
}
