/**
 * Files that a spec may take in, found without parsing it: every scalar that ends in .yaml or .yml.
 * Jest asks for them for each file of each run, warm runs included, where loading a YAML parser would
 * cost more than the rest together. Naming too many is harmless, naming too few leaves stale specs.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** What can stand before or after a scalar; a path that holds one of these must be quoted anyway. */
const BOUNDARY = /["'[\]{},]|:\s|-\s|\s#.*/;
const NAMES_YAML = /\.ya?ml$/;

/** Paths as written. */
export function referencedNames(text: string): Set<string> {
  const names = new Set<string>();
  for (const line of text.split('\n')) {
    if (!line.includes('.yaml') && !line.includes('.yml')) continue;
    if (line.trimStart().startsWith('#')) continue;
    for (const part of line.split(BOUNDARY)) {
      const scalar = part.trim();
      if (NAMES_YAML.test(scalar)) names.add(scalar);
    }
  }
  return names;
}

/** Hash of the files that `text` refers to, and those that they refer to. A missing file counts. */
export function hashReferences(text: string, path: string): string {
  const hash = createHash('sha256');
  const seen = new Set([path]);
  const visit = (content: string, from: string): void => {
    for (const name of referencedNames(content)) {
      const file = resolve(dirname(from), name);
      if (seen.has(file)) continue;
      seen.add(file);
      const found = contentOf(file);
      hash.update(`${file}\0${found?.length ?? 'missing'}\0${found ?? ''}`);
      if (found !== undefined) visit(found, file);
    }
  };
  visit(text, path);
  return hash.digest('hex');
}

function contentOf(file: string): string | undefined {
  try {
    // To read a named pipe would be to wait for ever.
    return statSync(file).isFile() ? readFileSync(file, 'utf8') : undefined;
  } catch {
    // The loader says what is wrong with it; here it only has to differ from a file that is there.
    return undefined;
  }
}
