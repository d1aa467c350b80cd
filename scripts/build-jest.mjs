/**
 * The bundles that Jest loads, in dist/jest/. The project's own Jest run makes them anew each time.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { common, root } from './bundling.mjs';

const cjs = {
  ...common,
  outdir: 'dist/jest',
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  // There only while Jest runs a test file.
  external: ['@jest/globals'],
};

const entries = {
  runtime: 'harness/jest/runtime.ts',
  loader: 'harness/jest/loader.ts',
  transformer: 'harness/jest/transformer.ts',
  'dependency-extractor': 'harness/jest/dependency-extractor.ts',
  matchers: 'harness/jest/extend.ts',
};

/**
 * Jest's cache of transformed specs must not outlive a change of what transforms them: all bundles
 * are made once for their hash, and those that Jest asks for a cache key once more with it.
 */
export async function buildJest() {
  const { transformer, 'dependency-extractor': extractor } = entries;
  const withBuild = (build) => ({ ...common.define, DOORBELL_BUILD: JSON.stringify(build) });
  const first = await build({ ...cjs, entryPoints: entries, define: withBuild('') });
  const hash = createHash('sha256');
  for (const name of Object.keys(entries))
    hash.update(readFileSync(join(root, `dist/jest/${name}.cjs`)));
  const define = withBuild(hash.digest('hex').slice(0, 16));
  const second = await build({
    ...cjs,
    entryPoints: { transformer, 'dependency-extractor': extractor },
    define,
  });
  return [first.metafile, second.metafile];
}
