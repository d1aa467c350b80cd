/** The licences of the packages whose code is bundled into dist/. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;

/** Text of the notices for all that the bundler took in, by its metafiles. */
export function notices(root, metafiles) {
  const folders = new Set();
  for (const { inputs } of metafiles)
    for (const input of Object.keys(inputs)) {
      const folder = PACKAGE.exec(input)?.[0];
      if (folder !== undefined) folders.add(folder);
    }
  return [...folders]
    .sort()
    .map((folder) => notice(join(root, folder)))
    .join('\n');
}

function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text =
    file !== undefined && existsSync(join(folder, file))
      ? readFileSync(join(folder, file), 'utf8').trim()
      : 'The package carries no licence text.';
  return `${name} ${version} (${license})\n\n${text}\n\n${'-'.repeat(78)}\n`;
}
