/** A topology, or a spec's, as something to explain. */
import { resolve } from 'node:path';
import { ERAS, type Era, type FirmwareDiagnostic } from '../../src/firmware/explanation.ts';
import { Collector } from '../spec/collect.ts';
import type { DataMap } from '../spec/data.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { hostBridgesOf, nodesOf } from '../spec/host-bridges.ts';
import { includeCache } from '../spec/load.ts';
import { findRoot, readSource } from '../spec/read-file.ts';
import { isMap, Reader } from '../spec/reader.ts';
import { Report } from '../spec/report.ts';
import type { SourceFile } from '../spec/source-file.ts';
import { topologyOf } from '../spec/topology-of.ts';
import { fitsSchema } from '../spec/validate.ts';
import { parseYaml } from '../spec/yaml-tree.ts';
import { deviceAt, explainTopology, type NamedTopology } from './explain-topology.ts';
import type { Firmware } from './firmware.ts';
import { parseRid } from './rid.ts';

/** The firmware that a topology stands for, or what is wrong with the file. */
export function openTopology(file: string): Firmware | Diagnostic[] {
  const path = resolve(file);
  const root = findRoot(path);
  const result = readSource(path, root, false);
  if (!result.ok) return [{ code: result.code, severity: 'error', message: result.message }];
  return topologyIn(result.file, root);
}

export function topologyIn(source: SourceFile, root: string): Firmware | Diagnostic[] {
  const sources = new Map([[source.name, source]]);
  const report = new Report(sources);
  const data = parseYaml(source, report);
  if (data === undefined) return report.finish();
  const isSpec = isMap(data) && (data['topology'] !== undefined || data['title'] !== undefined);
  if (!fitsSchema(isSpec ? 'spec' : 'topology', data, report, source.place(0)))
    return report.finish();
  const spec = isSpec ? data : { topology: data };
  const collected = new Collector(root, report, sources, includeCache()).topology(spec, source);
  if (collected === undefined) return report.finish();
  const named = namedTopology(collected, source.name, new Reader(report));
  if (report.failed) return report.finish();
  return {
    diagnostics: named.diagnostics,
    explain: ({ rids }) => explainTopology(named, rids),
    check: () => [],
    requesterOf: (name) => deviceAt(named, name),
  };
}

function namedTopology(data: DataMap, file: string, read: Reader): NamedTopology {
  const topology = topologyOf(data, read);
  const parts = [Object.keys(topology.msiControllers), Object.keys(topology.iommus)] as const;
  const origin = isMap(data['origin']) ? data['origin'] : {};
  const title = origin['title'];
  const left = isMap(origin['left-out']) ? Object.keys(origin['left-out']) : [];
  return {
    topology,
    bridges: hostBridgesOf(data, read, ...parts),
    places: placesOf(data),
    nodes: nodesOf(data),
    source: {
      kind: KINDS.find((kind) => kind === origin['firmware']) ?? 'topology',
      era: ERAS.find((era) => era === origin['era']) ?? LATEST,
      ...(typeof title === 'string'
        ? { title }
        : data['origin'] === undefined
          ? { title: file }
          : {}),
      cpus: topology.cpus,
    },
    diagnostics: left.length === 0 ? [] : [leftOut(left)],
  };
}

function placesOf(data: DataMap): NamedTopology['places'] {
  const devices = isMap(data['devices']) ? Object.entries(data['devices']) : [];
  return new Map(
    devices.flatMap(([name, device]) => {
      if (!isMap(device)) return [];
      const { bridge, address } = device;
      const segment = typeof address === 'string' ? parseRid(address)?.segment : undefined;
      const place = {
        ...(typeof bridge === 'string' ? { bridge } : {}),
        ...(segment === undefined ? {} : { segment }),
      };
      return [[name, place] as const];
    }),
  );
}

const KINDS = ['device-tree', 'acpi'] as const;
/** Of a topology that nobody imported: its wiring is by no kernel's rules. */
const LATEST: Era = '6.12';

const leftOut = (paths: readonly string[]): FirmwareDiagnostic => ({
  code: 'DB619',
  severity: 'warning',
  message: `${paths.length === 1 ? 'a node was' : `${paths.length} nodes were`} left out at the import: ${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ', ...' : ''}`,
  hint: 'origin: left-out says why of each.',
});
