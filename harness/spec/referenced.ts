/**
 * Files that a spec may take in, found without parsing it: every scalar that ends in .yaml or .yml,
 * and firmware. Who asks for them asks for each file of each run, where loading a YAML parser would
 * cost more than the rest together. Naming too many is harmless, naming too few leaves stale specs.
 */
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * What can stand before or after a scalar; a path that holds one of these must be quoted anyway.
 */
const BOUNDARY = /["'[\]{},]|:\s|-\s|\s#.*/;
/** `firmware: board.dtb`, quoted or not, also inside braces. */
const FIRMWARE = /\bfirmware:\s+(?:"([^"]+)"|'([^']+)'|([^\s"'#,{}][^#,}]*))/;
const NAMES_YAML = /\.ya?ml$/;

/** Paths as written. */
export function referencedNames(text: string): Set<string> {
  const names = new Set<string>();
  for (const line of text.split('\n')) {
    if (!line.includes('.y') && !line.includes('firmware:')) continue;
    if (line.trimStart().startsWith('#')) continue;
    const firmware = FIRMWARE.exec(line)
      ?.slice(1)
      .find((each) => each !== undefined);
    if (firmware !== undefined) names.add(firmware.trim());
    for (const part of line.split(BOUNDARY)) {
      const scalar = part.trim();
      if (NAMES_YAML.test(scalar)) names.add(scalar);
    }
  }
  return names;
}

/** More than a spec may read, and small enough to look through at once. */
const MAX_BYTES = 1 << 20;
const MAX_FILES = 1_000;

/**
 * Absolute paths of all that the files take in, themselves included; `known` keeps the texts read.
 */
export function referencedFiles(path: string, known: Map<string, readonly string[]>): Set<string> {
  const found = new Set([path]);
  for (const file of found) {
    if (found.size > MAX_FILES) break;
    let names = known.get(file);
    if (names === undefined) {
      names = /\.ya?ml$/.test(file) ? [...referencedNames(textOf(file))] : [];
      known.set(file, names);
    }
    for (const name of names) found.add(resolve(dirname(file), name));
  }
  return found;
}

function textOf(file: string): string {
  try {
    const stat = statSync(file);
    // To read a named pipe would be to wait for ever.
    return stat.isFile() && stat.size <= MAX_BYTES ? readFileSync(file, 'utf8') : '';
  } catch {
    // A file that is gone takes nothing in; that it is gone is a change of who names it.
    return '';
  }
}
