/** The content of the files that a spec takes in, as one hash: the key of Jest's cache. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { referencedNames } from '../spec/referenced.ts';

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
