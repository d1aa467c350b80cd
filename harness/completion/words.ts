/**
 * What can be completed, from the command's own tree: commands, their options, and the words these
 * take.
 */
import type { Argument, Command, Option } from 'commander';

export interface OptionWords {
  readonly long: string;
  readonly short: string | undefined;
  readonly description: string;
  /** What comes after it: nothing, one of these words, or a file. */
  readonly takes: Takes;
}

export type Takes =
  | { readonly kind: 'nothing' | 'file' | 'text' }
  | { readonly kind: 'words'; readonly words: readonly string[] };

export interface CommandWords {
  /** `linux boot`; the whole command has ''. */
  readonly path: string;
  readonly description: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionWords[];
  readonly argument: Takes;
}

/** Words of values that the tree does not list: `--design`, or `errors code` for an argument. */
export type Values = Readonly<Record<string, readonly string[]>>;

export function commandWords(program: Command, values: Values): readonly CommandWords[] {
  const visit = (command: Command, path: string): CommandWords[] => {
    const below = command.commands.filter((each) => each.name() !== 'help');
    return [
      {
        path,
        description: command.description(),
        commands: below.map((each) => ({ name: each.name(), description: each.description() })),
        options: [
          ...command.options.filter(({ hidden }) => !hidden).map((o) => optionWords(o, values)),
          { long: '--help', short: '-h', description: 'help', takes: { kind: 'nothing' } },
        ],
        argument: argumentWords(command.registeredArguments[0], path, values),
      },
      ...below.flatMap((each) => visit(each, `${path} ${each.name()}`.trim())),
    ];
  };
  return visit(program, '');
}

function optionWords(option: Option, values: Values): OptionWords {
  const { long, short, description, argChoices } = option;
  const words = argChoices ?? values[long ?? ''];
  const takes: Takes = option.isBoolean()
    ? { kind: 'nothing' }
    : words !== undefined
      ? { kind: 'words', words }
      : { kind: /<[^>]*(file|folder|image|Image|path)/.test(option.flags) ? 'file' : 'text' };
  return { long: long ?? '', short, description, takes };
}

function argumentWords(argument: Argument | undefined, path: string, values: Values): Takes {
  if (argument === undefined) return { kind: 'nothing' };
  const words = argument.argChoices ?? values[`${path} ${argument.name()}`];
  return words === undefined ? { kind: 'file' } : { kind: 'words', words };
}
