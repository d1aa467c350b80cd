/**
 * `commands` and `invalidations`: what the ITS executed, and what the SMMUs were told, in order.
 */
import type { Command } from '../../src/observation.ts';
import type { CommandPattern, ExpectCommands } from '../spec/case.ts';
import type { Captures } from './captures.ts';
import { failed, HELD, moment, type Outcome, type Row, type Scene, unseen } from './finding.ts';
import { hex } from './text.ts';

/** Places tried for `includes`; without captures the first fitting place is always right. */
const MAX_TRIES = 100_000;

const UNIT = { commands: 'ITS', invalidations: 'SMMU' } as const;
const DOES = {
  commands: (wanted: string, n: number) => `the ITS should execute ${wanted}; it executed ${n}`,
  invalidations: (wanted: string, n: number) =>
    `the driver should send an SMMU ${wanted}; it sent ${n}`,
} as const;

/**
 * Two outcomes where the target cannot see a field that is asked for: what it sees held, the rest
 * is unobservable.
 */
export function checkCommands(expectation: ExpectCommands, scene: Scene): Outcome[] {
  const { entries, kind, mode, place, why } = expectation;
  const observed = scene[kind]();
  if (!observed.seen) return [unseen(observed.reason)];
  const commands = observed.value;
  const before = scene.captures.snapshot();
  const held =
    mode === 'exact'
      ? commands.length === entries.length &&
        entries.every((entry, i) => fits(entry, commands[i] as Command, scene.captures))
      : includes(entries, commands, scene.captures);
  if (held) return [HELD, ...unseenFields(entries, commands)];
  scene.captures.restore(before);
  const table = {
    title: `${UNIT[kind]} commands, in order`,
    rows:
      mode === 'exact'
        ? exactRows(entries, commands, scene.captures)
        : looseRows(entries, commands, scene.captures),
  };
  const wanted =
    entries.length === 0
      ? 'no command'
      : mode === 'exact'
        ? `exactly these ${entries.length} commands in this order`
        : 'these commands in this order';
  const message = `${moment(scene)}, ${DOES[kind](wanted, commands.length)}`;
  return [failed({ code: 'DB406', place, message, table }, why)];
}

/** Once for each field, not for each command. */
function unseenFields(
  entries: readonly CommandPattern[],
  commands: readonly Command[],
): readonly Outcome[] {
  const reasons = new Set<string>();
  for (const { name, fields } of entries) {
    const unseenOf = commands.find((command) => command.name === name)?.unseen ?? [];
    for (const field of unseenOf) {
      if (field in fields) reasons.add(`the target does not see ${field} of ${name}`);
    }
  }
  return [...reasons].map((reason) => unseen(reason));
}

function includes(
  entries: readonly CommandPattern[],
  commands: readonly Command[],
  captures: Captures,
): boolean {
  let tries = 0;
  const search = (entry: number, from: number): boolean => {
    const pattern = entries[entry];
    if (pattern === undefined) return true;
    const before = captures.snapshot();
    for (let i = from; i < commands.length && tries++ < MAX_TRIES; i++) {
      if (fits(pattern, commands[i] as Command, captures) && search(entry + 1, i + 1)) return true;
      captures.restore(before);
    }
    return false;
  };
  return search(0, 0);
}

/** Whether a command is what a pattern means. */
export function fits(pattern: CommandPattern, command: Command, captures: Captures): boolean {
  if (pattern.name !== command.name) return false;
  if (pattern.unit !== undefined && pattern.unit !== command.unit) return false;
  // A command that the ITS refused is not what a pattern that does not say so means.
  if ((pattern.fields['error'] === true) !== (command.fields['error'] === true)) return false;
  return Object.entries(pattern.fields).every(([field, wanted]) => {
    const observed = command.fields[field];
    // The name and the place of the command are checked all the same; see unseenFields.
    if (field === 'error' || command.unseen?.includes(field) === true) return true;
    if (typeof wanted === 'boolean') return observed === wanted;
    return typeof observed === 'number' && captures.meets(wanted, BigInt(observed));
  });
}

function exactRows(
  entries: readonly CommandPattern[],
  commands: readonly Command[],
  captures: Captures,
): Row[] {
  const length = Math.max(entries.length, commands.length);
  const before = captures.snapshot();
  const rows = Array.from({ length }, (_, i): Row => {
    const entry = entries[i];
    const command = commands[i];
    const differs = !entry || !command || !fits(entry, command, captures);
    return {
      expected: entry ? patternText(entry, captures) : '-',
      observed: command ? commandText(command) : '-',
      differs,
    };
  });
  captures.restore(before);
  return rows;
}

/** What was executed, and beside it how far the expected ones got. */
function looseRows(
  entries: readonly CommandPattern[],
  commands: readonly Command[],
  captures: Captures,
): Row[] {
  const before = captures.snapshot();
  let next = 0;
  const rows = commands.map((command): Row => {
    const entry = entries[next];
    const met = entry !== undefined && fits(entry, command, captures);
    if (met) next++;
    const expected = met ? patternText(entry, captures) : '';
    return { expected, observed: commandText(command), differs: false };
  });
  const missing = entries.slice(next).map((entry): Row => {
    return { expected: patternText(entry, captures), observed: '-', differs: true };
  });
  captures.restore(before);
  return [...rows, ...missing];
}

const field = (value: number | boolean): string =>
  typeof value === 'number' ? hex(value) : String(value);

export const commandText = ({ name, fields }: Command): string =>
  [name, ...Object.entries(fields).map(([key, value]) => `${key}=${field(value)}`)].join(' ');

const patternText = ({ name, unit, fields }: CommandPattern, captures: Captures): string =>
  [
    name,
    ...(unit === undefined ? [] : [unit]),
    ...Object.entries(fields).map(
      ([key, value]) => `${key}=${typeof value === 'boolean' ? value : captures.text(value)}`,
    ),
  ].join(' ');
