/** --keep FOLDER: the logs of each case, normalised, in a folder named by the case. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CaseLog, caseLogFiles } from '../targets/linux/case-log.ts';

export function writeCaseLog(keep: string, id: string, log: CaseLog): void {
  const name = id.replace(/[^\w./=+-]+/g, '_').replace(/\.\.+/g, '_');
  const folder = join(keep, 'cases', name);
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(caseLogFiles(log)))
    writeFileSync(join(folder, file), text);
}
