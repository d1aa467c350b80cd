/** `doorbell schema`: prints a schema as published, for editors and other tools. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '../run/exit-codes.ts';
import { schemaFolder } from '../spec/schema-folder.ts';
import { printDiagnostics } from './print.ts';

const SUFFIX = '.schema.json';

export function schemaCommand(name: string | undefined): number {
  const folder = schemaFolder();
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length));
  if (name === undefined) {
    for (const known of names) console.log(known);
    return EXIT.passed;
  }
  if (!names.includes(name)) {
    const message = `no schema "${name}"; there are ${names.join(', ')}`;
    printDiagnostics([{ code: 'DB603', severity: 'error', message }], true);
    return EXIT.usage;
  }
  process.stdout.write(readFileSync(join(folder, `${name}${SUFFIX}`), 'utf8'));
  return EXIT.passed;
}
