/** `doorbell import`: a board's firmware as a topology that specs can include. */
import { writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { importTopology } from '../../src/firmware/topology.ts';
import { openFirmware } from '../firmware/open.ts';
import { selected } from '../firmware/select.ts';
import { topologyYaml } from '../firmware/topology-yaml.ts';
import { EXIT } from '../run/exit-codes.ts';
import { count } from '../report/style.ts';
import { printFirmware } from './explain-command.ts';
import { printDiagnostics } from './print.ts';
import type { ImportFlags } from './program.ts';

export function importCommand(file: string, { era, rid, output, color }: ImportFlags): number {
  const firmware = openFirmware(resolve(file));
  const diagnostics = 'code' in firmware ? [firmware] : firmware.diagnostics;
  printFirmware(file, diagnostics, color);
  if ('code' in firmware || diagnostics.some(({ severity }) => severity === 'error'))
    return EXIT.usage;
  const found = selected(firmware, { era, rid });
  if ('code' in found) {
    printFirmware(file, [found], color);
    return EXIT.usage;
  }
  // The RIDs choose bridges; platform devices belong to the machine whatever was asked for.
  const { platform } = firmware.explain({ era });
  const explanation = { ...found.explanation, platform };
  const topology = importTopology(explanation, rid.length > 0);
  const text = topologyYaml(topology, explanation.source.title ?? basename(file), era);
  if (output === undefined) {
    process.stdout.write(text);
    return EXIT.passed;
  }
  try {
    writeFileSync(output, text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    printDiagnostics([{ code: 'DB602', severity: 'error', message }], color);
    return EXIT.usage;
  }
  const { controllers, iommus, devices, leftOut } = topology;
  console.log(
    `${output}: ${count(controllers.length, 'controller')}, ${count(iommus.length, 'IOMMU')}, ${count(devices.length, 'device')}; ${leftOut.length} left out`,
  );
  return EXIT.passed;
}
