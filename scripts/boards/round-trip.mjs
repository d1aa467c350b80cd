/**
 * What explain says of firmware, and of the topology that import makes of it: all files, by the
 * rules of each kernel.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadSource } from '../load-source.mjs';

const { openFirmware } = await loadSource('harness/firmware/open.ts');
const { roundTrip } = await loadSource('harness/firmware/testing/round-trip.ts');
const ERAS = ['6.1', '6.12', '7.x'];

export async function compareRoundTrips(folder, report) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.dtb$|\.iort\.bin$/.test(name),
  );
  for (const file of files) {
    const firmware = openFirmware(join(folder, file));
    if ('code' in firmware) {
      report(`${file}: ${firmware.message}`, false);
      continue;
    }
    for (const era of ERAS) {
      const { differences } = roundTrip(firmware.explain({ era }));
      report(`${file} imported (${era}): ${differences.join('; ')}`, differences.length === 0);
    }
  }
}
