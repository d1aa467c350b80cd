/** Makes the validators, which are not committed, if they are missing or older than a schema. */
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @param {string} path */
const changed = (path) => statSync(root + path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

export async function freshValidators() {
  const schemas = readdirSync(`${root}schemas`).filter(
    (name) => name.endsWith('.schema.json') && name !== 'config.schema.json',
  );
  const sources = [...schemas.map((name) => `schemas/${name}`), 'scripts/generate.mjs'];
  const made = changed('harness/spec/generated/validators.js');
  if (schemas.length === 0 || sources.every((path) => changed(path) <= made)) return;
  const { writeValidators } = await import('./generate.mjs');
  await writeValidators();
}
