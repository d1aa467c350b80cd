/** The bundles that Jest loads, in dist/jest/. The project's own Jest run makes them anew each time. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { common, root } from './bundling.mjs';

const cjs = { ...common, outdir: 'dist/jest', format: 'cjs', outExtension: { '.js': '.cjs' } };

/**
 * Jest's cache of transformed specs must not outlive a change of the loader: the small transformer
 * carries the hash of the large loader, which it requires only for a spec that is not in the cache.
 */
export async function buildJest() {
  const heavy = { runtime: 'harness/jest/runtime.ts', loader: 'harness/jest/loader.ts' };
  const first = await build({ ...cjs, entryPoints: heavy });
  const hash = createHash('sha256');
  for (const name of Object.keys(heavy))
    hash.update(readFileSync(join(root, `dist/jest/${name}.cjs`)));
  const second = await build({
    ...cjs,
    entryPoints: {
      transformer: 'harness/jest/transformer.ts',
      'dependency-extractor': 'harness/jest/dependency-extractor.ts',
    },
    define: {
      ...common.define,
      DOORBELL_BUILD: JSON.stringify(hash.digest('hex').slice(0, 16)),
    },
  });
  return [first.metafile, second.metafile];
}
