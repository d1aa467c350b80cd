/**
 * Commands that an ITS refused, and that neither the step nor the end of the spec names with
 * `error: true`.
 */
import type { Step } from '../spec/case.ts';
import { commandText, fits } from './commands.ts';
import { failed, HELD, type Outcome, type Scene } from './finding.ts';

/** Undefined where nothing can have been refused, or the target cannot tell. */
export function checkNoRefusal(step: Step, scene: Scene): Outcome | undefined {
  if ((scene.observation.refusals ?? 0) === 0) return undefined;
  const commands = scene.observation.commands();
  if (!commands.seen) return undefined;
  const named = [...step.expect, ...scene.case.expect].flatMap((e) =>
    e.kind === 'commands' ? e.entries.filter(({ fields }) => fields['error'] === true) : [],
  );
  const surplus = commands.value.filter((command) => {
    if (command.fields['error'] !== true) return false;
    const before = scene.captures.snapshot();
    const known = named.some((pattern) => fits(pattern, command, scene.captures));
    scene.captures.restore(before);
    return !known;
  });
  if (surplus.length === 0) return HELD;
  const entries = surplus.map(({ name }) => `{ ${name}: { error: true } }`);
  const names = [...new Set(surplus.map(({ name }) => name))].join(', ');
  return failed({
    code: 'DB419',
    place: step.place,
    message: `after this step, the ITS had refused what nothing in the spec expects it to: ${names}`,
    hint: `if that is meant: expect: { commands: { includes: [ ${entries.join(', ')} ] } }`,
    table: {
      title: 'refused commands',
      rows: surplus.map((command) => {
        return { expected: '-', observed: commandText(command), differs: true };
      }),
    },
  });
}
