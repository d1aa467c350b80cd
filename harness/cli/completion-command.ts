/** `doorbell completion SHELL`: a script made of the command's own tree. */
import type { Command } from 'commander';
import { DESIGN_NAMES } from '../../src/designs/design.ts';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { commandWords } from '../completion/words.ts';
import { zshScript } from '../completion/zsh.ts';
import { ERROR_GROUPS } from '../errors/errors.ts';
import { REPORTER_NAMES } from '../report/reporters.ts';
import { EXIT } from '../run/exit-codes.ts';
import type { Shell } from './start-program.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

export function completionCommand(shell: Shell, program: Command): number {
  const words = commandWords(program, {
    '--design': DESIGN_NAMES,
    '--against': DESIGN_NAMES,
    '--controller': ['percpu-doorbell', 'gicv3-its', 'gicv2m', 'gicv3-mbi'],
    '--reporter': REPORTER_NAMES,
    '--target': ['model', 'linux'],
    'errors code': ERROR_GROUPS.flatMap(({ entries }) => entries.map(({ code }) => code)),
    'schema name': ['spec', 'topology', 'library', 'common', 'config'],
  });
  process.stdout.write(SCRIPTS[shell](words));
  return EXIT.passed;
}
