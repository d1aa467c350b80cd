/** The options of `doorbell explore`. */
import { type Command, Option } from 'commander';
import { seedNumber, wholeNumber } from './option-values.ts';

export interface FilterFlags {
  readonly grep?: RegExp;
  readonly tag: readonly string[];
  readonly design: readonly string[];
}

export interface ExploreFlags extends FilterFlags {
  readonly search: 'breadth-first' | 'depth-first' | 'random';
  readonly writes?: 'posted' | 'atomic';
  readonly caches?: 'none' | 'kept';
  readonly maxStates?: number;
  readonly against?: string;
  readonly seed?: number;
  readonly walks?: number;
  readonly eachProperty: boolean;
  readonly spec?: string;
  readonly svg?: string;
  readonly json: boolean;
  readonly color: boolean;
}

/** `command` has the arguments and filters that it shares with others. */
export function addExplore(
  command: Command,
  action: (paths: string[], flags: ExploreFlags) => Promise<void>,
): void {
  command
    .description(
      'try every interleaving of the steps, of devices that raise their vectors, of writes in flight',
    )
    .addOption(
      new Option('--search <how>', 'the order: breadth-first finds a shortest counterexample')
        .choices(['breadth-first', 'depth-first', 'random'])
        .default('breadth-first'),
    )
    .addOption(
      new Option(
        '--writes <when>',
        "when a device's write arrives: posted, any time later, or atomic (default: what the spec says, or posted)",
      ).choices(['posted', 'atomic']),
    )
    .addOption(
      new Option(
        '--caches <what>',
        'kept: translations and STEs that an SMMU has read stay until they are invalidated; none: it reads anew (default: what the spec says, or kept where changes: leaves an invalidation out)',
      ).choices(['none', 'kept']),
    )
    .option(
      '--max-states <n>',
      'stop, incomplete, at this many states (default: 20000000; with --against 100000)',
      wholeNumber,
    )
    .option(
      '--against <design>',
      'what can come of it with one design and not with the other, each with a shortest story',
    )
    .option('--seed <n>', 'of random walks', seedNumber)
    .option('--walks <n>', 'how many random walks', wholeNumber)
    .option(
      '--spec <file>',
      'write the counterexample as a spec that doorbell run repeats (the next ones with a number)',
    )
    .option('--svg <file>', 'draw the counterexample as a sequence diagram')
    .option('--each-property', 'each property by itself: a table of designs and verdicts', false)
    .option('--json', 'as JSON', false)
    .option('--no-color', 'no colour (as does NO_COLOR)')
    .action(action);
}
