/**
 * `firmware:` of a topology: the machine that a firmware file describes, as the text of an imported
 * topology.
 */
import { realpathSync } from 'node:fs';
import { sep } from 'node:path';
import { importTopology } from '../../src/firmware/topology.ts';
import { openFirmware } from '../firmware/open.ts';
import { topologyYaml } from '../firmware/topology-yaml.ts';
import { nameIn } from './read-file.ts';
import type { Report } from './report.ts';
import { type DataMap, placeOf } from './data.ts';

const ERA = '6.12';

export function firmwareTopology(
  path: string,
  root: string,
  topology: DataMap,
  report: Report,
): string | undefined {
  const place = placeOf(topology, 'firmware');
  if (!isInside(path, root)) {
    report.error('DB308', place, `${nameIn(root, path)} lies outside the project`);
    return undefined;
  }
  const firmware = openFirmware(path);
  const diagnostics = 'code' in firmware ? [firmware] : firmware.diagnostics;
  for (const { severity, message, hint, code } of diagnostics)
    if (severity === 'error')
      report.error('DB308', place, `${nameIn(root, path)}: ${message} (${code})`, hint);
  if ('code' in firmware || diagnostics.some(({ severity }) => severity === 'error'))
    return undefined;
  const explanation = firmware.explain({ era: ERA });
  return topologyYaml(importTopology(explanation), explanation.source.title ?? nameIn(root, path));
}

/** A file that is not there is said when it is read. */
function isInside(path: string, root: string): boolean {
  try {
    const [real, folder] = [realpathSync(path), realpathSync(root)];
    return real === folder || real.startsWith(folder + sep);
  } catch {
    return true;
  }
}
