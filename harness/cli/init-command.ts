/** `doorbell init`: writes a spec to begin with, and never over a file that is there. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { starter } from '../init/starters.ts';
import { EXIT } from '../run/exit-codes.ts';
import { findRoot } from '../spec/read-file.ts';
import { schemaFolder } from '../spec/schema-folder.ts';
import { printDiagnostics } from './print.ts';
import type { InitFlags } from './start-program.ts';

const SUFFIX = /\.spec\.ya?ml$/;

export function initCommand(file: string, { kind, color }: InitFlags): number {
  const refuse = (message: string, hint?: string): number => {
    const more = hint === undefined ? {} : { hint };
    printDiagnostics([{ code: 'DB606', severity: 'error', message, ...more }], color);
    return EXIT.usage;
  };
  if (!SUFFIX.test(file))
    return refuse(
      `${file} is no name for a spec`,
      'Names of specs end in .spec.yaml; `doorbell run` and Jest find them by it.',
    );
  const path = resolve(file);
  const schema = schemaFor(path);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, starter(kind, schema.path), { flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      return refuse(`${file} is there already`, 'Name another file, or remove this one.');
    return refuse(`cannot write ${file}: ${code ?? message}`);
  }
  console.log(`wrote ${file}`);
  if (!schema.portable)
    console.log(
      'Its first line tells an editor of the schema on this machine: doorbell is not installed in the project.',
    );
  console.log(`\n  npx doorbell run ${file}`);
  return EXIT.passed;
}

/** The published schema as the editor finds it from the spec. */
function schemaFor(spec: string): { readonly path: string; readonly portable: boolean } {
  const schema = `${schemaFolder()}${sep}spec.schema.json`;
  const portable = !relative(findRoot(spec), schema).startsWith('..');
  if (!portable) return { path: schema, portable };
  const path = relative(dirname(spec), schema).split(sep).join('/');
  return { path: path.startsWith('.') ? path : `./${path}`, portable };
}
