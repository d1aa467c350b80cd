/** The completion script for fish. */
import type { CommandWords, OptionWords, Takes } from './words.ts';

export function fishScript(commands: readonly CommandWords[]): string {
  return `# fish completion of doorbell:  doorbell completion fish | source
complete -c doorbell -f
${commands.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ path, commands, options, argument }: CommandWords): string[] {
  const when = condition(
    path,
    commands.map(({ name }) => name),
  );
  return [
    ...commands.map(({ name, description }) => `${when} -a ${name} -d ${quoted(description)}`),
    ...options.map((option) => `${when} ${optionOf(option)}`),
    ...(argument.kind === 'nothing' ? [] : [`${when} ${value(argument)}`]),
  ];
}

/** True where the words before the cursor are those of the path and none of a command below it. */
function condition(path: string, below: readonly string[]): string {
  const parts = path.split(' ').filter(Boolean);
  const tests = parts.map((part) => `__fish_seen_subcommand_from ${part}`);
  if (below.length > 0) tests.push(`not __fish_seen_subcommand_from ${below.join(' ')}`);
  return `complete -c doorbell -n ${quoted(tests.join('; and '))}`;
}

function optionOf({ long, short, description, takes }: OptionWords): string {
  const letter = short === undefined ? '' : ` -s ${short.slice(1)}`;
  const rest = takes.kind === 'nothing' ? '' : ` -r ${value(takes)}`;
  return `-l ${long.slice(2)}${letter} -d ${quoted(description)}${rest}`;
}

function value(takes: Takes): string {
  switch (takes.kind) {
    case 'words':
      return `-f -a ${quoted(takes.words.join(' '))}`;
    case 'file':
      return '-F';
    case 'text':
    case 'nothing':
      return '-f';
  }
}

const quoted = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
