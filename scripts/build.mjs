/**
 * Builds dist/: the command and the library as ES modules that share chunks, what Jest loads as
 * CommonJS, and declarations. Dependencies are bundled in: a start loads a handful of files instead
 * of some hundred, and an installed package brings nothing else with it.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { notices } from './notices.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
  legalComments: 'none',
  metafile: true,
  define: { DOORBELL_VERSION: JSON.stringify(version) },
};

/** CommonJS packages inside an ES module ask for Node's own modules with require(). */
const requireShim =
  "import { createRequire as __createRequire } from 'node:module';" +
  'const require = __createRequire(import.meta.url);';

/** The command, the library, and the model alone. */
async function buildModules() {
  const entryPoints = { index: 'harness/index.ts', cli: 'harness/cli/main.ts' };
  for (const [name, file] of Object.entries(entryPoints))
    if (!existsSync(join(root, file))) delete entryPoints[name];
  const result = await build({
    ...common,
    entryPoints: { ...entryPoints, model: 'src/machine.ts' },
    outdir: 'dist',
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    banner: { js: requireShim },
  });
  const model = await build({
    ...common,
    entryPoints: { model: 'src/machine.ts' },
    outdir: 'dist',
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
  });
  if (entryPoints.cli) addShebang(join(root, 'dist/cli.js'));
  return [result.metafile, model.metafile];
}

function addShebang(file) {
  const code = readFileSync(file, 'utf8');
  if (!code.startsWith('#!')) writeFileSync(file, `#!/usr/bin/env node\n${code}`, { mode: 0o755 });
}

/**
 * What Jest loads. Its cache of transformed specs must not outlive a change of the loader, so the
 * small transformer carries the hash of the large loader that it requires only when it must.
 */
export async function buildJest() {
  const cjs = { ...common, outdir: 'dist/jest', format: 'cjs', outExtension: { '.js': '.cjs' } };
  const names = { runtime: 'harness/jest/runtime.ts', loader: 'harness/jest/loader.ts' };
  const first = await build({ ...cjs, entryPoints: names });
  const hash = createHash('sha256');
  for (const name of Object.keys(names))
    hash.update(readFileSync(join(root, `dist/jest/${name}.cjs`)));
  const second = await build({
    ...cjs,
    entryPoints: {
      transformer: 'harness/jest/transformer.ts',
      'dependency-extractor': 'harness/jest/dependency-extractor.ts',
    },
    external: ['./loader.cjs'],
    define: {
      ...common.define,
      DOORBELL_BUILD: JSON.stringify(hash.digest('hex').slice(0, 16)),
    },
  });
  return [first.metafile, second.metafile];
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

async function main() {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const metafiles = await buildModules();
  if (existsSync(join(root, 'harness/jest/runtime.ts'))) metafiles.push(...(await buildJest()));
  declarations();
  writeFileSync(join(root, 'dist/THIRD-PARTY-NOTICES'), notices(root, metafiles));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
