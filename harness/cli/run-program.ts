/** `doorbell run` and its options. */
import type { Command } from 'commander';
import { REPORTER_NAMES } from '../report/reporters.ts';
import { each, seedNumber } from './option-values.ts';
import type { Actions, MergeFlags, RunFlags } from './flags.ts';
import { withFilters, withLinux, withNarrowing } from './shared-options.ts';

export function addRun(
  program: Command,
  actions: Pick<Actions, 'run' | 'merge'>,
  finish: (code: number) => void,
): void {
  withReporters(withLinux(withNarrowing(withFilters(program.command('run'), 'run'))))
    .description('run specs')
    .option('--target <name>', 'what carries out the steps', 'model')
    .option('--list', 'say what would run, as JSON, and run nothing', false)
    .option('--watch', 'run again what an edit concerns; keys: a, f, Enter, q', false)
    .option('--bail', 'stop at the first case that fails', false)
    .option('--bisect', 'exit code for git bisect run: 0 good, 1 bad, 125 cannot say', false)
    .option('--seed <n>', 'shuffle files and cases, the same way for the same number', seedNumber)
    .option(
      '--verbose',
      "show the steps, the kernel's atomic steps and the hardware's commands",
      false,
    )
    .option(
      '--coverage [file]',
      'which procedures, steps, commands, faults of the model were reached; into a file as JSON',
    )
    .option('--trace <file>', 'every event of every case, for ui.perfetto.dev')
    .option('--no-color', 'no colour (as does NO_COLOR)')
    .action(async (paths: string[], flags: RunFlags) => finish(await actions.run(paths, flags)));

  withReporters(program.command('merge'))
    .argument('<reports...>', 'files that --reporter json or ndjson has written')
    .description('make one report, and one exit code, of the reports of several runs')
    .option('--verbose', 'show the steps, as far as the reports have them', false)
    .option('--no-color', 'no colour (as does NO_COLOR)')
    .action(async (paths: string[], flags: MergeFlags) =>
      finish(await actions.merge(paths, flags)),
    );
}

const withReporters = (command: Command): Command =>
  command.option(
    '--reporter <name[=file]>',
    `${REPORTER_NAMES.join(', ')}: to the terminal or to a file (several times)`,
    each,
    [],
  );
