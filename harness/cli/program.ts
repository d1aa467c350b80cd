/**
 * The commands and their options, in one place: parsing, help and the generated CLI reference come
 * from it. What a command does is in its own file, loaded only when it runs.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { FREEDOMS } from '../../src/explore/model/freedoms.ts';
import { type Era, ERAS } from '../../src/firmware/explanation.ts';
import { parseBits, type SaidBits } from '../firmware/bits.ts';
import { type AskedRid, parseRid } from '../firmware/rid.ts';
import { withConfig } from './configured.ts';
import { addLinux } from './linux-program.ts';
import { addStart } from './start-program.ts';
import { each, kernelVersions, seconds, seedNumber, wholeNumber } from './option-values.ts';
import type {
  ListFlags,
  ExploreFlags,
  FuzzFlags,
  ExplainFlags,
  CheckFlags,
  CompareFlags,
  ImportFlags,
  ColourFlag,
  Actions,
} from './flags.ts';
import { addRun } from './run-program.ts';
import { PATHS, withFilters, withLinux, withNarrowing } from './shared-options.ts';

export function buildProgram(
  actions: Actions,
  version: string,
  finish: (code: number) => void,
): Command {
  const program = new Command('doorbell')
    .description('Check what happens to an MSI behind an IOMMU, from specs in YAML.')
    .version(version)
    .exitOverride();

  addStart(program, actions, finish);
  addRun(program, actions, finish);

  withFilters(program.command('explore'), 'explore')
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
      ).choices(FREEDOMS.writes),
    )
    .addOption(
      new Option(
        '--caches <what>',
        'kept: translations and STEs that an SMMU has read stay until they are invalidated; none: it reads anew (default: what the spec says, or kept where changes: leaves an invalidation out)',
      ).choices(FREEDOMS.caches),
    )
    .addOption(
      new Option(
        '--commands <when>',
        'when commands to an ITS or SMMU take effect: at-once, in the step that waits for their SYNC, or queued, while it waits (default: what the spec says, or at-once)',
      ).choices(FREEDOMS.commands),
    )
    .option(
      '--max-states <n>',
      'stop, incomplete, at this many states (default: 20000000; with --against 100000)',
      wholeNumber,
    )
    .option(
      '--memory <MB>',
      'stop, incomplete, before states take more (default: four fifths of what is free)',
      wholeNumber,
    )
    .option(
      '--time <seconds>',
      'stop a case, incomplete, after that long (default: 60; with --checkpoint no bound)',
      wholeNumber,
    )
    .option(
      '--workers [n]',
      'threads that search, breadth-first; without a number one for each processor',
      wholeNumber,
      1,
    )
    .option(
      '--no-symmetry',
      'do not take states for one that differ in the names of devices, CPUs or vectors only',
    )
    .option('--no-partial-order', 'search all orders, also of steps that commute')
    .option('--checkpoint <file>', 'save the search there, to go on with; of one case')
    .option('--every <seconds>', 'how often', seconds, 30)
    .option('--resume', 'go on from the checkpoint', false)
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
    .action(async (paths: string[], flags: ExploreFlags) =>
      finish(await actions.explore(paths, flags)),
    );

  program
    .command('fuzz')
    .description('draw random machines and steps, and shrink the first that fails')
    .option('--runs <n>', 'how many', wholeNumber, 1000)
    .option('--seed <n>', 'draw the same ones for the same number (default: a new one)', seedNumber)
    .option(
      '--design <name>',
      'judge this design by the errors that tracked gives and the invariants (several times; default: tracked itself)',
      each,
      [],
    )
    .option('--controller <kind>', 'draw machines with this one only (several times)', each, [])
    .option(
      '--device <name>',
      'use this one only: nic (MSI-X), card (MSI) or engine (platform) (several times)',
      each,
      [],
    )
    .option(
      '--domain <name>',
      'attach devices to this one only: vm, vm2, host or pass (several times)',
      each,
      [],
    )
    .option('--time <seconds>', 'begin no run after that', wholeNumber)
    .option('--live-moves', 'also move devices between domains while vectors are set up', false)
    .option(
      '-o, --output <file>',
      'where the spec of a failure goes (default: fuzz-SEED.spec.yaml)',
    )
    .option('--json', 'as JSON', false)
    .option('--no-color', 'no colour (as does NO_COLOR)')
    .action(async (flags: FuzzFlags) => finish(await actions.fuzz(flags)));

  withNarrowing(withFilters(program.command('list'), 'list'))
    .description('list specs and their cases')
    .option('--json', 'as JSON', false)
    .option('--no-color', 'no colour (as does NO_COLOR)')
    .action(async (paths: string[], flags: ListFlags) => finish(await actions.list(paths, flags)));

  withLinux(withFilters(program.command('compare'), 'compare'))
    .description('lay designs, kernels or targets side by side on the same steps')
    .option(
      '--kernels <versions>',
      'these versions of Linux on the model, whatever the spec runs: 5.1,5.2,6.12',
      kernelVersions,
    )
    .option(
      '--target <names>',
      'one target (its kernels side by side, or designs) or several: model,linux',
      'model',
    )
    .option('--differences-only', 'leave out what is equal; why a target is missing stays', false)
    .option('--json', 'as JSON', false)
    .option('--no-color', 'no colour (as does NO_COLOR)')
    .action(async (paths: string[], flags: CompareFlags) =>
      finish(await actions.compare(paths, flags)),
    );

  program
    .command('validate')
    .argument('[paths...]', PATHS)
    .description('check specs without running them')
    .option('--no-color', 'no colour (as does NO_COLOR)')
    .action(async (paths: string[], flags: ColourFlag) =>
      finish(await actions.validate(paths, flags)),
    );

  program
    .command('explain')
    .argument('<file>', FIRMWARE)
    .description(
      "say what Linux makes of a board's firmware: who gets which doorbell and IDs, and why",
    )
    .option(
      '--rid <rid>',
      'the way of one requester: 0x8, 00:01.0 or 0000:00:01.0 (several times)',
      eachRid,
      [],
    )
    .option('--device <path>', 'the way of one device, or one host bridge, by its path')
    .option('--era <version>', `the kernel's rules: ${ERAS.join(', ')}`, era, '6.12')
    .option('--svg <file>', 'write a picture instead; --rid and --device choose a way to highlight')
    .option('--json', 'as JSON', false)
    .option('--no-color', 'no colour (as does NO_COLOR)')
    .action(async (file: string, flags: ExplainFlags) =>
      finish(await actions.explain(file, flags)),
    );

  program
    .command('check')
    .argument('<file>', FIRMWARE)
    .description(
      "review a board's firmware: maps, controllers, IOMMUs, and what Linux does with them",
    )
    .option('--era <version>', `the kernel's rules: ${ERAS.join(', ')}`, era, '6.12')
    .option(
      '--sid-bits <bits>',
      'StreamID bits of the SMMUs, or NODE=bits of one: SMMU_IDR1.SIDSIZE (several times)',
      eachBits,
      [],
    )
    .option(
      '--device-id-bits <bits>',
      'DeviceID bits of the ITSs, or NODE=bits of one: GITS_TYPER.Devbits + 1 (several times)',
      eachBits,
      [],
    )
    .option('--json', 'as JSON', false)
    .option('--no-color', 'no colour (as does NO_COLOR)')
    .action(async (file: string, flags: CheckFlags) => finish(await actions.check(file, flags)));

  program
    .command('import')
    .argument('<file>', FIRMWARE)
    .description("make a topology of a board's firmware, for specs to include")
    .option('-o, --output <file>', 'where to write it (default: standard output)')
    .option(
      '--rid <rid>',
      'a PCI device to put in: 0x8, 00:01.0 or 0000:00:01.0 (several times)',
      eachRid,
      [],
    )
    .option('--era <version>', `the kernel's rules: ${ERAS.join(', ')}`, era, '6.12')
    .option('--no-color', 'no colour (as does NO_COLOR)')
    .action(async (file: string, flags: ImportFlags) => finish(await actions.import(file, flags)));

  addLinux(program, () => actions.linux(), finish);

  return withConfig(program);
}

const FIRMWARE =
  'a .dtb, ACPI tables (a file, a folder, acpidump text), /sys/firmware/devicetree/base';

function eachRid(text: string, before: readonly AskedRid[]): readonly AskedRid[] {
  const rid = parseRid(text);
  if (rid === undefined)
    throw new InvalidArgumentError('A requester is 0x8, 8, 00:01.0 or 0000:00:01.0.');
  return [...before, rid];
}

function eachBits(text: string, before: readonly SaidBits[]): readonly SaidBits[] {
  const bits = parseBits(text);
  if (bits === undefined)
    throw new InvalidArgumentError('A width is 1 to 32 bits, or NODE=bits: 16, /smmu@9050000=16.');
  return [...before, bits];
}

function era(text: string): Era {
  const found = ERAS.find((each) => each === text);
  if (found === undefined) throw new InvalidArgumentError(`An era is one of ${ERAS.join(', ')}.`);
  return found;
}
