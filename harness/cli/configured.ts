/** Before a command runs: the configuration file is applied, and `--print-config` answered. */
import { type Command, CommanderError, Option } from 'commander';
import { WITHOUT } from '../config/config-keys.ts';
import { EXIT } from '../run/exit-codes.ts';

export function withConfig(program: Command): Command {
  for (const command of leaves(program))
    if (!WITHOUT.has(command.name()))
      command.addOption(
        new Option(
          '--print-config',
          'print each option, its value and where that is from, and end',
        ),
      );
  return program.hook('preAction', async (_, running) => {
    if (WITHOUT.has(running.name())) return;
    const cwd = process.cwd();
    const { findConfig } = await import('../config/find-config.ts');
    const found = await findConfig(cwd);
    if (found !== undefined) {
      const { applyConfig } = await import('../config/apply-config.ts');
      const mistakes = 'broken' in found ? found.broken : applyConfig(found, program, running, cwd);
      if (mistakes.length > 0) {
        const { printDiagnostics } = await import('./print.ts');
        printDiagnostics(mistakes, true);
        throw new CommanderError(EXIT.usage, 'doorbell.config', 'the configuration is wrong');
      }
    }
    if (running.getOptionValue('printConfig') !== true) return;
    const { effective } = await import('../config/effective.ts');
    console.log(effective(running, found?.name));
    throw new CommanderError(EXIT.passed, 'doorbell.printConfig', 'printed');
  });
}

const leaves = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
