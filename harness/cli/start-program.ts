/** Commands to begin with and to look things up: init, errors, schema, completion. */
import { type Command, Option } from 'commander';
import { STARTER_KINDS, type StarterKind } from '../init/starters.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export interface InitFlags {
  readonly kind: StarterKind;
  readonly color: boolean;
}

export interface StartActions {
  init(file: string, flags: InitFlags): Promise<number>;
  errors(code: string | undefined, flags: { readonly color: boolean }): Promise<number>;
  schema(name: string | undefined): Promise<number>;
  completion(shell: Shell, program: Command): Promise<number>;
}

export function addStart(
  program: Command,
  actions: StartActions,
  finish: (code: number) => void,
): void {
  program
    .command('init')
    .argument('[file]', 'where to write it', 'specs/first.spec.yaml')
    .description('write a spec to begin with: commented, valid, and passing')
    .addOption(
      new Option('--kind <controller>', 'the interrupt controller of its machine')
        .choices(STARTER_KINDS)
        .default('its'),
    )
    .option('--no-color', 'no colour (as does NO_COLOR)')
    .action(async (file: string, flags: InitFlags) => finish(await actions.init(file, flags)));

  program
    .command('errors')
    .argument('[code]', 'such as DB201; without it all are listed')
    .description('say what a code means, what makes it come, and what to do')
    .option('--no-color', 'no colour (as does NO_COLOR)')
    .action(async (code: string | undefined, flags: { readonly color: boolean }) =>
      finish(await actions.errors(code, flags)),
    );

  program
    .command('schema')
    .argument('[name]', 'spec, topology, library or common; without it their names are printed')
    .description('print a JSON Schema of the spec language')
    .action(async (name: string | undefined) => finish(await actions.schema(name)));

  const completion = program
    .command('completion')
    .description(
      'print a script that completes commands and options: source <(doorbell completion bash)',
    );
  completion.addArgument(completion.createArgument('<shell>').choices(SHELLS));
  completion.action(async (shell: Shell) => finish(await actions.completion(shell, program)));
}
