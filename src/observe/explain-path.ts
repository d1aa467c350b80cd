/**
 * The way of one MSI as things stand, stage by stage, in words. Uses the same pure functions as the
 * write itself (translate, decode), so that it cannot tell another story.
 */
import { ARRIVAL, ARRIVAL_TEXT, deviceAt, type Frame } from '../hardware/bus.ts';
import type { InBridgeMsi } from '../hardware/msi/in-bridge.ts';
import { faultName, type Smmu } from '../hardware/smmu/smmu.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { domainGranule } from '../topology/resolve.ts';
import { hex, vcpuName, vectorName, wide } from './decode.ts';

export function explainPath(k: Kernel, device: number, vector: number): readonly string[] {
  const { functions } = k.hw;
  const { name, iommu, deviceId, streamIds } = k.device(device);
  const row = functions.rowOf(device, vector);
  const address = wide(functions.hi(row), functions.lo(row));
  const data = functions.sentData(device, vector);
  const lines = [
    `message  ${hex(address)} / ${hex(data)}${address === 0n ? ': all zero, torn down' : ''}`,
  ];
  switch (functions.emission(device, vector)) {
    case 'disabled':
      return [...lines, `device   ${name}: MSI is not enabled, nothing is sent`];
    case 'pending':
      return [
        ...lines,
        `device   ${name}: ${vectorName(k.topology, vector)} is masked, it waits as pending`,
      ];
    case 'send':
      break;
  }
  const bridge = k.hw.inBridge[k.device(device).controller];
  if (bridge?.base === Number(address)) return [...lines, ...bridgeText(k, bridge, data)];
  const isPassedBy = k.topology.iommus[iommu]?.spec.hwMsi !== undefined;
  const smmu = iommu >= 0 && k.config.iommuApi && !isPassedBy ? k.hw.smmus[iommu] : undefined;
  let pa = Number(address);
  if (smmu === undefined) {
    lines.push(`IOMMU    none in front of ${name}: the address is physical`);
  } else {
    const streamId = streamIds[0] ?? 0;
    pa = smmu.translate(streamId, Number(address));
    lines.push(`IOMMU    StreamID ${hex(streamId)}: ${streamText(k, smmu, streamId)}`);
    if (pa < 0) return [...lines, `         ${hex(address)}: ${faultName(-pa)}, the write is lost`];
    lines.push(`         ${hex(address)} -> ${hex(pa)}`);
  }
  const frame = k.hw.bus.frameAt(pa);
  const arrival = k.hw.bus.decode(pa, data, deviceId);
  if (frame === undefined || arrival !== ARRIVAL.raised) {
    return [...lines, `bus      ${hex(pa)}: ${ARRIVAL_TEXT[arrival] ?? 'lost'}`];
  }
  return [...lines, ...arrivalText(k, frame, pa, data, deviceId)];
}

function bridgeText(k: Kernel, bridge: InBridgeMsi, data: number): string[] {
  const caught = `bridge   takes the write to ${hex(bridge.base)}: no IOMMU sees it`;
  if (!bridge.has(data)) return [caught, `         ${ARRIVAL_TEXT[ARRIVAL.messageUnknown]}`];
  const on = bridge.isEnabled(data) ? 'enabled' : 'masked: it waits as pending';
  const vector = k.controllers.identityOwner(bridge.index, 0, data);
  const whose = vector < 0 ? ', nobody owns it' : `, owned by ${vectorName(k.topology, vector)}`;
  return [caught, `CPU 0    message ${data} is ${on}${whose}`];
}

function streamText(k: Kernel, smmu: Smmu, streamId: number): string {
  const state = smmu.stateOf(streamId);
  if (state !== 'translate') return state;
  const domain = smmu.domainOf(streamId);
  const { name, spec } = k.domains.spec(domain);
  const granules = k.topology.iommus.find((_, i) => k.hw.smmus[i] === smmu)?.spec.granules ?? [];
  const granule = domainGranule(granules, k.config.pageSize) / 1024;
  const parent = k.domains.paging(domain);
  const nested = parent === domain ? '' : `, then stage 2 tables of ${k.domains.spec(parent).name}`;
  return `stage ${k.domains.stage(domain)} tables of domain ${name} (${spec.kind}, ${granule}K)${nested}`;
}

function arrivalText(
  k: Kernel,
  frame: Frame,
  pa: number,
  data: number,
  deviceId: number,
): string[] {
  switch (frame.kind) {
    case 'gicv2m': {
      const { distributor } = k.hw;
      const spi = frame.block.spiOf(pa - frame.base, data);
      const on = distributor.isEnabled(spi) ? 'enabled' : 'disabled: it waits as pending';
      return [
        `bus      GICv2m frame ${hex(frame.base)}: SPI ${spi}`,
        `GICD     SPI ${spi} is ${on}, target CPU ${distributor.targetOf(spi)}${owner(k, spi)}`,
      ];
    }
    case 'mbi': {
      const { distributor } = k.hw;
      const on = distributor.isEnabled(data) ? 'enabled' : 'disabled: it waits as pending';
      return [
        `bus      GICD frame ${hex(frame.base)}: SPI ${data}`,
        `GICD     SPI ${data} is ${on}, target CPU ${distributor.targetOf(data)}${owner(k, data)}`,
      ];
    }
    case 'pre-its':
    case 'its': {
      const seen = deviceAt(frame, pa, deviceId);
      const lpi = frame.block.translate(seen, data);
      const name = frame.kind === 'its' ? 'GITS_TRANSLATER' : 'pre-ITS';
      const vpe = frame.block.vpeAt(seen, data);
      if (vpe >= 0) {
        const enabled = k.hw.virtualLpis.isEnabled(vpe, lpi);
        return [
          `bus      ${name} ${hex(pa)}: DeviceID ${hex(seen)}, EventID ${hex(data)} -> vLPI ${lpi}`,
          `vPE      vLPI ${lpi} is ${enabled ? 'enabled' : 'disabled: it waits as pending'}, vCPU ${vcpuName(k.topology, vpe)} at the redistributor of CPU ${frame.block.residenceOf(vpe)}`,
        ];
      }
      const on = k.hw.redistributors.isEnabled(lpi) ? 'enabled' : 'disabled: it waits as pending';
      return [
        `bus      ${name} ${hex(pa)}: DeviceID ${hex(seen)}, EventID ${hex(data)} -> LPI ${lpi}`,
        `GICR     LPI ${lpi} is ${on}, redistributor of CPU ${frame.block.targetOf(seen, data)}${owner(k, lpi)}`,
      ];
    }
    case 'percpu': {
      const cpu = frame.block.cpuOf(pa);
      const on = frame.block.isEnabled(cpu, data) ? 'enabled' : 'disabled: it waits as pending';
      const vector = k.controllers.identityOwner(frame.block.index, cpu, data);
      const whose =
        vector < 0 ? ', nobody owns it' : `, owned by ${vectorName(k.topology, vector)}`;
      return [
        `bus      doorbell page of CPU ${cpu}, ${hex(pa)}: identity ${data}`,
        `CPU ${cpu}    identity ${data} is ${on}${whose}`,
      ];
    }
  }
}

function owner(k: Kernel, intid: number): string {
  const vector = k.ownerOf(intid);
  return vector < 0 ? ', nobody owns it' : `, owned by ${vectorName(k.topology, vector)}`;
}
