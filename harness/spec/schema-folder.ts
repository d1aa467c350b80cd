/** Where the published schemas are: beside the sources, or beside dist/ in the package. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Set by whoever knows where the code runs from (the command, Jest's loader). */
let start = typeof __dirname === 'string' ? __dirname : process.cwd();

export function startFrom(folder: string): void {
  start = folder;
}

export function schemaFolder(): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'schemas', 'spec.schema.json'))) return join(folder, 'schemas');
    if (dirname(folder) === folder) throw new Error(`IMPOSSIBLE: no schemas/ above ${start}`);
  }
}
