/**
 * Jest's transformer for *.spec.yaml. It is loaded in every worker of every run, so it is small:
 * the loader, with YAML parser and validators, comes in only when a spec is not in Jest's cache.
 */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { generate, type GeneratedFile } from './generate.ts';
import { hashReferences } from './references.ts';

interface Loader {
  load(path: string, text: string): GeneratedFile;
}

const runtime = join(__dirname, 'runtime.cjs');

let loaded: Loader | undefined;

function loader(): Loader {
  loaded ??= createRequire(__filename)('./loader.cjs') as Loader;
  return loaded;
}

function transform(text: string, path: string): { code: string; map: string } {
  return generate(loader().load(path, text), runtime);
}

/** What the code depends on: the spec, where it is, what it takes in, and this build. */
function getCacheKey(text: string, path: string): string {
  return createHash('sha256')
    .update(`${DOORBELL_BUILD}\0${runtime}\0${path}\0${text}\0${hashReferences(text, path)}`)
    .digest('hex')
    .slice(0, 32);
}

// eslint-disable-next-line no-restricted-syntax -- of a compiled ES module Jest takes the default
export default { process: transform, getCacheKey };
