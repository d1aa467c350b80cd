/** `doorbell run` and its options. */
import type { Command } from 'commander';
import { REPORTER_NAMES } from '../report/reporters.ts';
import { each, seedNumber } from './option-values.ts';
import type { Actions, RunFlags } from './program.ts';
import { withFilters, withLinux } from './shared-options.ts';

export function addRun(
  program: Command,
  actions: Pick<Actions, 'run'>,
  finish: (code: number) => void,
): void {
  withLinux(withFilters(program.command('run'), 'run'))
    .description('run specs')
    .option('--target <name>', 'what carries out the steps', 'model')
    .option(
      '--reporter <name[=file]>',
      `${REPORTER_NAMES.join(', ')}: to the terminal or to a file (several times)`,
      each,
      [],
    )
    .option('--bail', 'stop at the first case that fails', false)
    .option('--bisect', 'exit code for git bisect run: 0 good, 1 bad, 125 cannot say', false)
    .option('--seed <n>', 'shuffle files and cases, the same way for the same number', seedNumber)
    .option(
      '--verbose',
      "show the steps, the kernel's atomic steps and the hardware's commands",
      false,
    )
    .option('--no-color', 'no colour (as does NO_COLOR)')
    .action(async (paths: string[], flags: RunFlags) => finish(await actions.run(paths, flags)));
}
