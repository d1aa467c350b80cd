/** The completion script for zsh. */
import type { CommandWords, OptionWords, Takes } from './words.ts';

export function zshScript(commands: readonly CommandWords[]): string {
  return `#compdef doorbell
# zsh completion of doorbell:  source <(doorbell completion zsh), after compinit
${commands.map(functionOf).join('\n')}
compdef ${nameOf('')} doorbell
`;
}

const nameOf = (path: string): string =>
  `_doorbell${path === '' ? '' : `_${path.replace(' ', '_')}`}`;

function functionOf({ path, commands, options, argument }: CommandWords): string {
  const specs = options.map(optionSpec);
  if (commands.length === 0) {
    const rest = argument.kind === 'nothing' ? [] : [`'*: :${action(argument)}'`];
    return `${nameOf(path)}() {\n  _arguments ${[...specs, ...rest].join(' \\\n    ')}\n}`;
  }
  const list = commands.map(({ name, description }) => quoted(`${name}:${plain(description)}`));
  const cases = commands.map(({ name }) => `    ${name}) ${nameOf(`${path} ${name}`.trim())} ;;`);
  return `${nameOf(path)}() {
  local state line
  local -a names=(${list.join(' \\\n    ')})
  _arguments -C ${[...specs, `'1: :->command'`, `'*:: :->rest'`].join(' \\\n    ')}
  case $state in
  command) _describe command names ;;
  rest) case $line[1] in
${cases.join('\n')}
    esac ;;
  esac
}`;
}

/** A colon or bracket ends a part of what _arguments is given. */
const plain = (text: string): string => text.replace(/[[\]]/g, '').replaceAll(':', ' -');
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function optionSpec({ long, description, takes }: OptionWords): string {
  const value = takes.kind === 'nothing' ? '' : `: :${action(takes)}`;
  return quoted(`*${long}[${plain(description)}]${value}`);
}

function action(takes: Takes): string {
  switch (takes.kind) {
    case 'words':
      return `(${takes.words.join(' ')})`;
    case 'file':
      return '_files';
    case 'text':
    case 'nothing':
      return ' ';
  }
}
