/**
 * Bundles a TypeScript entry of the project in memory and imports it: for scripts and benchmarks.
 */
import { join } from 'node:path';
import { build } from 'esbuild';
import { common, root } from './bundling.mjs';

/** @param {string} entry path from the project's root */
export async function loadSource(entry) {
  const { outputFiles } = await build({
    ...common,
    entryPoints: [join(root, entry)],
    format: 'esm',
    write: false,
    sourcemap: false,
  });
  const text = Buffer.from(outputFiles[0].text).toString('base64');
  return import(`data:text/javascript;base64,${text}`);
}
