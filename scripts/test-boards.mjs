/**
 * `npm run test:boards -- DIR`: agreement with firmware whose answers are known. DIR has `boards/`,
 * `qemu/`, `synth/`, `acpi/` and `iort/` as its README says. Not part of `npm test`: those files
 * are not the project's.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run as compareAcpi } from './boards-acpi.mjs';
import { compareObserved, compareQemu } from './boards/observed.mjs';
import { compareRoundTrips } from './boards/round-trip.mjs';
import { compareBoards } from './boards/truth.mjs';
import { loadSource } from './load-source.mjs';

const folder = process.argv[2];
if (folder === undefined || !existsSync(join(folder, 'boards/truth.json'))) {
  console.error('usage: npm run test:boards -- DIR   (DIR/boards/truth.json is not there)');
  process.exit(2);
}

let [passed, failed] = [0, 0];
const report = (text, ok) => {
  if (ok) passed++;
  else {
    failed++;
    console.log(`DIFFERS  ${text}`);
  }
};
const readers = await loadSource('src/firmware/fdt/index.ts');
compareBoards(folder, readers, report);
compareObserved(folder, readers, report);
compareQemu(folder, readers, report);
await compareRoundTrips(folder, report);
const acpi = await compareAcpi(folder);
passed += acpi.checked - acpi.wrong.length;
for (const text of acpi.exceptions) console.log(`exception  ${text}`);
for (const text of acpi.wrong) report(text, false);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
