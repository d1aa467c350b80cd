/** `doorbell import`: a board's firmware as a topology that specs can include. */
import { basename, resolve } from 'node:path';
import { importTopology } from '../../src/firmware/topology.ts';
import { openFirmware } from '../firmware/open.ts';
import { selected } from '../firmware/select.ts';
import { topologyYaml } from '../firmware/topology-yaml.ts';
import { EXIT } from '../run/exit-codes.ts';
import { count } from '../report/style.ts';
import { printFirmware } from './explain-command.ts';
import { writeOutput } from './write-output.ts';
import type { ImportFlags } from './flags.ts';

export async function importCommand(
  file: string,
  { era, rid, output, color }: ImportFlags,
): Promise<number> {
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
  const whole = firmware.explain({ era });
  const topology = importTopology(whole, rid.length > 0 ? found.explanation.bridges : []);
  const text = topologyYaml(topology, whole.source.title ?? basename(file));
  if (output === undefined) {
    process.stdout.write(text);
    return EXIT.passed;
  }
  const code = await writeOutput(output, text, file, color);
  if (code !== EXIT.passed) return code;
  const { controllers, iommus, devices, leftOut } = topology;
  console.log(
    `${output}: ${count(controllers.length, 'controller')}, ${count(iommus.length, 'IOMMU')}, ${count(devices.length, 'device')}; ${leftOut.length} left out`,
  );
  return EXIT.passed;
}
