/**
 * The completion script for bash. It asks nothing of the command: completing takes no start of
 * Node.
 */
import type { CommandWords, OptionWords, Takes } from './words.ts';

export function bashScript(commands: readonly CommandWords[]): string {
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  return `# bash completion of doorbell:  source <(doorbell completion bash)
_doorbell() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${path:+$path }\${COMP_WORDS[i]}" in
      ${paths.join('|')}) path="\${path:+$path }\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path:$prev" in
${commands.flatMap(({ path, options }) => options.flatMap((option) => valueCase(path, option))).join('\n')}
  esac
  case "$path" in
${commands.map(commandCase).join('\n')}
  esac
}
complete -o bashdefault -F _doorbell doorbell
`;
}

function valueCase(path: string, { long, short, takes }: OptionWords): string[] {
  if (takes.kind === 'nothing') return [];
  const flags = [long, short].flatMap((flag) => (flag === undefined ? [] : [`'${path}:${flag}'`]));
  return [`    ${flags.join('|')}) ${reply(takes)}; return ;;`];
}

function commandCase({ path, commands, options, argument }: CommandWords): string {
  const flags = options.map(({ long }) => long).join(' ');
  const names = commands.map(({ name }) => name);
  const rest = names.length > 0 ? reply({ kind: 'words', words: names }) : reply(argument);
  return `    '${path}') if [[ $cur == -* ]]; then ${words(flags)}; else ${rest}; fi ;;`;
}

const words = (list: string): string => `mapfile -t COMPREPLY < <(compgen -W '${list}' -- "$cur")`;

function reply(takes: Takes): string {
  switch (takes.kind) {
    case 'words':
      return words(takes.words.join(' '));
    case 'file':
      return `compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur")`;
    case 'text':
    case 'nothing':
      return ':';
  }
}
