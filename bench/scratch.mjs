/**
 * Folders for files of a measurement or of tests, which are gone when the process has ended, by a signal as
 * well.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'];
const folders = [];

export function scratch(prefix = 'doorbell-bench-') {
  if (folders.length === 0) {
    process.on('exit', () =>
      folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })),
    );
    for (const signal of SIGNALS)
      process.on(signal, () => process.exit(128 + constants.signals[signal]));
  }
  const folder = mkdtempSync(join(tmpdir(), prefix));
  folders.push(folder);
  return folder;
}
