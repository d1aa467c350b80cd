/**
 * The round trip of an import: what `explain` says of the firmware and of the topology made of it,
 * in JSON.
 *
 * The same of every host bridge and every requester: controller, DeviceID, doorbell, IOMMU,
 * StreamID, or why there is none. Of platform devices those that the model can run are compared, by
 * path; of an imported device only what a device of the model has.
 */
import { explanationJson } from '../../../src/firmware/explanation-json.ts';
import type {
  BridgeExplanation,
  Explanation,
  IommuAnswer,
  MsiAnswer,
} from '../../../src/firmware/explanation.ts';
import { importTopology } from '../../../src/firmware/topology.ts';
import { SourceFile } from '../../spec/source-file.ts';
import { topologyYaml } from '../topology-yaml.ts';
import { topologyIn } from '../topology-file.ts';

export interface RoundTrip {
  /** What differs, as sentences; empty when nothing does. */
  readonly differences: readonly string[];
  readonly requesters: number;
  readonly devices: number;
}

export function roundTrip(explanation: Explanation): RoundTrip {
  const text = topologyYaml(importTopology(explanation), explanation.source.title ?? 'a board');
  const opened = topologyIn(new SourceFile('imported.yaml', '/imported.yaml', text), '/');
  if (Array.isArray(opened)) {
    const differences = opened.map(
      ({ code, message, place }) => `${code} line ${place?.line ?? 0}: ${message}`,
    );
    return { differences, requesters: 0, devices: 0 };
  }
  const again = opened.explain({ era: explanation.source.era });
  const differences: string[] = [];
  const compare = (what: string, before: unknown, after: unknown): void => {
    const [a, b] = [
      JSON.stringify(explanationJson(before as never)),
      JSON.stringify(explanationJson(after as never)),
    ];
    if (a !== b) differences.push(`${what}: ${b}, not ${a}`);
  };
  compare('source', sourceOf(explanation), sourceOf(again));
  compare('number of host bridges', explanation.bridges.length, again.bridges.length);
  let requesters = 0;
  for (const [i, bridge] of explanation.bridges.entries()) {
    const other = again.bridges[i];
    const cut = bridge.truncated === true;
    compare(bridge.path, bridgeOf(bridge, cut), other && bridgeOf(other, cut));
    if (!cut) requesters += (bridge.busRange[1] - bridge.busRange[0] + 1) * 256;
  }
  for (const device of again.platform) {
    const before = explanation.platform.find(({ path }) => path === device.path);
    compare(device.path, before && deviceOf(before), deviceOf(device));
  }
  return { differences, requesters, devices: again.platform.length };
}

const sourceOf = ({ source: { kind, era, title, cpus } }: Explanation): unknown => ({
  kind,
  era,
  title,
  cpus: Math.min(Math.max(cpus ?? 1, 1), 256),
});

const withoutStages = <A extends { readonly stages: unknown }>(answer: A): unknown =>
  sorted({ ...answer, stages: undefined });
/** In the order of keys: it says nothing. */
const sorted = (value: object): unknown =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

/** @param cut A list that is cut short goes on in no topology. */
const bridgeOf = (bridge: BridgeExplanation, cut: boolean): unknown =>
  sorted({
    ...bridge,
    truncated: undefined,
    msi: cut ? undefined : bridge.msi.map(withoutStages),
    iommu: cut ? undefined : bridge.iommu.map(withoutStages),
  });

/** The controller that Linux uses, and all StreamIDs of the one IOMMU. */
function deviceOf({
  available,
  msi,
  iommu,
}: {
  readonly available: boolean;
  readonly msi: readonly MsiAnswer[];
  readonly iommu: readonly IommuAnswer[];
}): unknown {
  const used = msi.find((each) => 'controller' in each);
  const streams = iommu.filter((each) => 'iommu' in each);
  const first = streams[0]?.iommu;
  return {
    available,
    controller: used?.controller,
    deviceId: used?.deviceId,
    doorbell: used?.doorbell,
    iommu: first,
    hwMsi: streams[0]?.hwMsi,
    streamIds: [
      ...new Set(streams.filter((each) => each.iommu === first).map((each) => each.streamId)),
    ],
  };
}
