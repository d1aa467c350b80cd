/**
 * `interrupts`, `faults` and `commands`: what happened in a step, or, at the end, in the whole case.
 */
import type { Command, Delivery, Fault } from '../../src/observation.ts';
import type { CommandPattern, ExpectCommands, ExpectFaults, ExpectInterrupts, FaultPattern } from '../spec/case.ts';
import { assign } from './match-list.ts';
import { failed, HELD, type Outcome, row } from './outcome.ts';
import { type Captures, hex, holds, valueText } from './values.ts';

export function checkInterrupts(expectation: ExpectInterrupts, all: readonly Delivery[], captures: Captures): Outcome {
  const { vector, deliveries } = expectation;
  const seen = vector === '*' ? all : all.filter((d) => d.vector === vector);
  const { partner, extra } = assign(deliveries, seen, captures, (want, got, bound) =>
    holds(want.cpu, BigInt(got.cpu), bound) && holds(want.count, BigInt(got.count), bound),
  );
  if (extra.length === 0 && partner.every((p) => p >= 0)) return HELD;
  const rows = deliveries.map((want, i) => {
    const found = seen[partner[i] ?? -1];
    return row(found ? deliveryText(found) : `CPU ${valueText(want.cpu, captures)}  ${valueText(want.count, captures)} times`, found ? deliveryText(found) : '-');
  });
  const others = extra.map((i) => row('-', deliveryText(seen[i] as Delivery)));
  const who = vector === '*' ? 'no interrupt should arrive' : `interrupts of ${vector} are not as expected`;
  const first = vector === '*' ? seen[0]?.vector : vector;
  return failed(
    'DB404',
    expectation,
    who,
    { title: `interrupts${vector === '*' ? '' : ` of ${vector}`}`, rows: [...rows, ...others] },
    first === 'spurious' ? undefined : first,
  );
}

export const deliveryText = (d: Delivery): string => `${d.vector}  CPU ${d.cpu}  ${d.count} time${d.count === 1 ? '' : 's'}`;

/** Equal faults are counted together. */
export interface CountedFault extends Fault {
  readonly count: number;
}

export function countFaults(faults: readonly Fault[]): CountedFault[] {
  const counted = new Map<string, CountedFault>();
  for (const fault of faults) {
    const key = `${fault.device} ${fault.streamId} ${fault.address} ${fault.name}`;
    counted.set(key, { ...fault, count: (counted.get(key)?.count ?? 0) + 1 });
  }
  return [...counted.values()];
}

export function faultFits(want: FaultPattern, got: CountedFault, captures: Captures): boolean {
  return (
    (want.device === undefined || want.device === got.device) &&
    (want.name === undefined || want.name === got.name) &&
    holds(want.streamId, BigInt(got.streamId), captures) &&
    holds(want.address, got.address, captures) &&
    holds(want.count, BigInt(got.count), captures)
  );
}

export function checkFaults(expectation: ExpectFaults, faults: readonly Fault[], captures: Captures): Outcome {
  const seen = countFaults(faults);
  const { partner, extra } = assign(expectation.entries, seen, captures, faultFits);
  const tooMany = expectation.mode === 'exact' ? extra : [];
  if (tooMany.length === 0 && partner.every((p) => p >= 0)) return HELD;
  const rows = expectation.entries.map((want, i) => {
    const found = seen[partner[i] ?? -1];
    return row(found ? faultText(found) : patternText(want, captures), found ? faultText(found) : '-');
  });
  const others = tooMany.map((i) => row('-', faultText(seen[i] as CountedFault)));
  const wanted = expectation.entries.length === 0 ? 'no fault should be recorded' : 'the faults are not as expected';
  return failed('DB405', expectation, wanted, { title: 'faults', rows: [...rows, ...others] });
}

export const faultText = (f: CountedFault): string =>
  `${f.name}  ${f.device} StreamID ${hex(f.streamId)}  ${hex(f.address)}${f.count === 1 ? '' : `  ${f.count} times`}`;

const patternText = (p: FaultPattern, captures: Captures): string =>
  `${p.name ?? 'any'}  ${p.device ?? 'any'} StreamID ${valueText(p.streamId, captures)}  ${valueText(p.address, captures)}`;

function commandFits(want: CommandPattern, got: Command, captures: Captures): boolean {
  if (want.name !== got.name || (want.its !== undefined && want.its !== got.its)) return false;
  return Object.entries(want.fields).every(([field, value]) => {
    const observed = got.fields[field];
    if (typeof value === 'boolean') return observed === value;
    return typeof observed === 'number' && holds(value, BigInt(observed), captures);
  });
}

export function checkCommands(expectation: ExpectCommands, commands: readonly Command[], captures: Captures): Outcome {
  const { entries, mode } = expectation;
  if (mode === 'includes') {
    let at = 0;
    for (const want of entries) {
      while (at < commands.length && !commandFits(want, commands[at] as Command, captures)) at++;
      if (at++ >= commands.length) return commandsDiffer(expectation, commands, captures);
    }
    return HELD;
  }
  const same =
    entries.length === commands.length &&
    entries.every((want, i) => commandFits(want, commands[i] as Command, captures));
  return same ? HELD : commandsDiffer(expectation, commands, captures);
}

function commandsDiffer(expectation: ExpectCommands, commands: readonly Command[], captures: Captures): Outcome {
  const { entries, mode } = expectation;
  const length = Math.max(entries.length, commands.length);
  const rows = Array.from({ length }, (_, i) => {
    const want = entries[i];
    const got = commands[i];
    const fits = want !== undefined && got !== undefined && commandFits(want, got, new Map(captures));
    return { ...row(want ? wantText(want, captures) : '-', got ? commandText(got) : '-'), differs: mode === 'exact' && !fits };
  });
  const message = mode === 'exact' ? 'the ITS commands are not these, in this order' : 'the ITS commands do not include these in this order';
  return failed('DB406', expectation, message, { title: 'ITS commands', rows });
}

const commandText = (c: Command): string =>
  [c.name, ...Object.entries(c.fields).map(([k, v]) => `${k}=${typeof v === 'number' ? hex(v) : v}`)].join(' ');

const wantText = (p: CommandPattern, captures: Captures): string =>
  [p.name, ...Object.entries(p.fields).map(([k, v]) => `${k}=${typeof v === 'boolean' ? v : valueText(v, captures)}`)].join(' ');
