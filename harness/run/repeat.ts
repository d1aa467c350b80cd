/** The command that runs one case again. */
import type { Case } from '../spec/case.ts';

/** `file`: the spec as the shell of the user finds it. */
export function repeatLine(spec: Case, target: string, file = spec.place.file): string {
  const words = ['npx', 'doorbell', 'run', file, '--design', spec.designLabel];
  const point = Object.entries(spec.point).map(([name, value]) => `${name}=${value}`);
  if (point.length > 0) words.push('--grep', escaped(`${point.join(' ')}`) + '$');
  if (target !== 'model') words.push('--target', target);
  return words.map(quoted).join(' ');
}

/** A regular expression that matches the text as it is. */
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** For a POSIX shell. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
