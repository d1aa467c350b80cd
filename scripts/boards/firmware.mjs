/** The firmware readers for scripts: bundled from source, so that no build has to come first. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { common, root } from '../bundling.mjs';

const ENTRY = `
export * from './src/firmware/fdt/read-fdt.ts';
export * from './src/firmware/fdt/explain.ts';
export * from './src/firmware/explanation-json.ts';
export * from './src/firmware/fdt/findings.ts';
`;

export async function firmware() {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-boards-'));
  try {
    const outfile = join(folder, 'firmware.mjs');
    await build({
      ...common,
      stdin: { contents: ENTRY, resolveDir: root, loader: 'ts' },
      format: 'esm',
      outfile,
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
