/** Parses the YAML files of a folder with the yaml library and does nothing else. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';

const folder = process.argv[2];
let documents = 0;
for (const name of readdirSync(folder)) {
  const document = parseDocument(readFileSync(join(folder, name), 'utf8'));
  document.toJS();
  documents += document.errors.length === 0 ? 1 : 0;
}
console.log(documents);
