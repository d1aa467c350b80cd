/** --keep FOLDER: the protocol of each case, normalised, in a file named by the case. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { normalised } from '../targets/linux/normalise.ts';

export function writeCaseLog(folder: string, id: string, lines: readonly string[]): void {
  const file = join(folder, `${id.replace(/[^\w./=+-]+/g, '_').replace(/\.\.+/g, '_')}.log`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${normalised(lines).join('\n')}\n`);
}
