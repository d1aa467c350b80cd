/**
 * Tells Jest what a spec depends on, so that watch, --onlyChanged and --findRelatedTests run it
 * again when an included file is edited. Jest loads this module in its file-map workers.
 */
import { join } from 'node:path';
import { referencedNames } from '../spec/referenced.ts';

type Extract = (code: string, filePath: string) => Iterable<string>;

export function extract(code: string, filePath: string, defaultExtract: Extract): Set<string> {
  if (!/\.ya?ml$/.test(filePath)) return new Set(defaultExtract(code, filePath));
  const names = [...referencedNames(code)].map((name) =>
    name.startsWith('.') || name.startsWith('/') ? name : `./${name}`,
  );
  return new Set([...names, join(__dirname, 'runtime.cjs')]);
}

/** Jest keeps the answers in its file map under this key. */
export function getCacheKey(): string {
  return DOORBELL_BUILD;
}
