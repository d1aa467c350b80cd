/**
 * Builds dist/: the command and the library as ES modules that share chunks, what Jest loads as
 * CommonJS, and declarations. Dependencies are bundled in: loading is most of the time of a short
 * run, and a handful of files load faster than some hundred. What only some runs need (the task
 * list, the help) is behind `await import()` and becomes a chunk.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildJest } from './build-jest.mjs';
import { common, root } from './bundling.mjs';
import { freshValidators } from './fresh-validators.mjs';
import { notices } from './notices.mjs';

/** Name in dist/ -> source. */
const modules = {
  cli: 'harness/cli/main.ts',
  index: 'harness/index.ts',
  model: 'src/machine.ts',
  'run-worker': 'harness/cli/run-worker.ts',
  'explore-worker': 'harness/explore/worker.ts',
};

/** CommonJS packages inside an ES module ask for Node's own modules with require(). */
const requireBanner =
  "import { createRequire as __createRequire } from 'node:module';\n" +
  'const require = __createRequire(import.meta.url);\n';

async function buildModules() {
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: modules,
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    splitting: true,
    write: false,
  });
  for (const { path, text } of outputFiles) {
    const isCli = path === join(root, 'dist/cli.js');
    const shebang = isCli ? '#!/usr/bin/env node\n' : '';
    const body = text.replace(/^#!.*\n/, '');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, shebang + (body.includes('typeof require ') ? requireBanner : '') + body);
    if (isCli) chmodSync(path, 0o755);
  }
  return metafile;
}

/** The model for require(): tests under Jest are CommonJS unless Node runs with a flag. */
async function buildModel() {
  const { metafile } = await build({
    ...common,
    entryPoints: { model: modules.model },
    outdir: 'dist',
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
  });
  return metafile;
}

/** Declarations; types are checked by `npm run typecheck`, not here. */
function declarations() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noCheck'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`tsc ended with ${status}`);
  rewriteSuffixes(join(root, 'dist/types'));
  // Declarations of ES modules may not be imported by a CommonJS file in TypeScript, though Node
  // may; these fit both.
  writeFileSync(join(root, 'dist/types/package.json'), '{ "type": "commonjs" }\n');
}

/** A consumer's compiler may refuse `./x.ts` in a declaration: there it is `./x.js`. */
function rewriteSuffixes(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.d.ts')) continue;
    const file = join(entry.parentPath, entry.name);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replaceAll(/(['"])(\.{1,2}\/[^'"]*)\.ts\1/g, '$1$2.js$1'));
  }
}

/**
 * npm links the bins of dependencies, not of the package itself. With this link `npx doorbell` in a
 * clone runs at once, instead of npm first making a package of the clone in its cache.
 */
function linkBin() {
  const folder = join(root, 'node_modules/.bin');
  const link = join(folder, 'doorbell');
  if (!existsSync(folder) || process.platform === 'win32') return;
  if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link);
  symlinkSync('../../dist/cli.js', link);
}

await freshValidators();
rmSync(join(root, 'dist'), { recursive: true, force: true });
const metafiles = [await buildModules(), await buildModel(), ...(await buildJest())];
declarations();
writeFileSync(join(root, 'dist/THIRD-PARTY-NOTICES'), notices(root, metafiles));
linkBin();
