/**
 * Attaching a device to a domain: arm_smmu_attach_dev of both drivers.
 */
import type { Design } from '../../designs/design.ts';
import { kernelBug } from '../../designs/kernel-faults.ts';
import { PROT } from '../../hardware/smmu/page-table.ts';
import { S2CR, type SmmuV2Block } from '../../hardware/smmu/smmu-v2.ts';
import { type SmmuV3Block, STE } from '../../hardware/smmu/smmu-v3.ts';
import { ERRNO } from '../../observation.ts';
import type { Domain } from '../../topology/topology.ts';
import type { Kernel } from '../kernel.ts';
import { groupMutex } from '../locks.ts';
import { attempt, glue, locked, type Node, step } from '../procedure.ts';
import type { Thread } from '../thread.ts';

/** STE of a domain kind. A blocked domain's is abort; IOMMU_DOMAIN_IDENTITY's is bypass. */
const STE_OF: Readonly<Record<Domain['kind'], number>> = {
  dma: STE.translate,
  unmanaged: STE.translate,
  identity: STE.bypass,
  blocked: STE.abort,
  // STE.Config = 0b111, both stages.
  nested: STE.translate,
};

const S2CR_OF: Readonly<Record<Domain['kind'], number>> = {
  dma: S2CR.translate,
  unmanaged: S2CR.translate,
  identity: S2CR.bypass,
  blocked: S2CR.fault,
  nested: S2CR.fault,
};

/**
 * arm_smmu_insert_master: a StreamID that another device has (`stream N already in tree`, seen on
 * booted 6.1 and 6.12), or that this one names twice.
 */
function checkStreams(k: Kernel, device: number): number {
  const { streamIds, iommu } = k.device(device);
  const isTwice = new Set(streamIds).size < streamIds.length;
  if (isTwice && !k.on['smmu-v3-duplicate-sids']) kernelBug(k, device, 0);
  if (!k.on['smmu-v3-sid-tree']) return 0;
  if (isTwice && !k.on['smmu-v3-own-duplicates']) return -ERRNO.EINVAL;
  const isTaken = k.topology.devices.some(
    (other) =>
      other.index !== device &&
      other.iommu === iommu &&
      k.domains.current.get(other.index) !== 0 &&
      other.streamIds.some((id) => streamIds.includes(id)),
  );
  return isTaken ? -ERRNO.EINVAL : 0;
}

/**
 * arm_smmu_write_ste: what is in memory counts after CFGI_STE and CMD_SYNC
 * (arm_smmu_sync_ste_for_sid).
 */
function writeSte(k: Kernel, smmu: SmmuV3Block, id: number, config: number, domain: number): void {
  smmu.writeSte(id, config, domain);
  if (!k.on['cfgi-on-ste']) return;
  smmu.commands.cfgiSte(id);
  if (k.on['smmu-sync']) smmu.commands.sync();
}

function attachV3(k: Kernel, device: number, domain: number, smmu: SmmuV3Block): number {
  const { streamIds } = k.device(device);
  // arm_smmu_sid_in_range.
  if (streamIds.some((id) => id >= 2 ** smmu.streamIdBits)) return -ERRNO.ERANGE;
  const refused = checkStreams(k, device);
  if (refused < 0) return refused;
  const { kind } = k.domains.spec(domain).spec;
  for (const id of streamIds) writeSte(k, smmu, id, STE_OF[kind], domain);
  return 0;
}

/**
 * arm_smmu_master_alloc_smes: a group for each StreamID; the fresh ones, or minus errno and nothing
 * is taken.
 */
function allocateGroups(k: Kernel, device: number, smmu: SmmuV2Block): number[] | number {
  const { streamIds, streamMask } = k.device(device);
  const fresh: number[] = [];
  for (const id of streamIds) {
    const group = smmu.findGroup(id, streamMask);
    if (group >= 0 && smmu.isValid(group)) continue;
    if (group < 0) {
      for (const taken of fresh) smmu.clearGroup(taken);
      return -ERRNO.ENOSPC;
    }
    smmu.writeSmr(group, id, streamMask);
    smmu.writeS2cr(group, S2CR.fault, 0);
    fresh.push(group);
  }
  return fresh;
}

function attachV2(k: Kernel, device: number, domain: number, smmu: SmmuV2Block): number {
  const { streamIds, isRefused } = k.device(device);
  // arm_smmu_probe_device: -EINVAL, where the SMMUv3 driver says -ERANGE.
  if (streamIds.some((id) => id >= 2 ** smmu.streamIdBits)) return -ERRNO.EINVAL;
  // arm_smmu_find_sme, at probe.
  if (isRefused) return -ERRNO.EINVAL;
  const { kind } = k.domains.spec(domain).spec;
  const groups = allocateGroups(k, device, smmu);
  if (typeof groups === 'number') return groups;
  let bank = 0;
  if (S2CR_OF[kind] === S2CR.translate) {
    bank = smmu.bankOf(domain);
    if (bank < 0) {
      // __arm_smmu_alloc_bitmap: the banks run out.
      bank = smmu.freeBank();
      if (bank < 0) {
        for (const taken of groups) smmu.clearGroup(taken);
        return -ERRNO.ENOSPC;
      }
      smmu.writeBank(bank, domain);
    }
  }
  for (const id of streamIds) smmu.writeS2cr(smmu.match(id), S2CR_OF[kind], bank);
  return 0;
}

function attachOne(k: Kernel, device: number, domain: number): number {
  const { iommu } = k.device(device);
  const isNew = !k.domains.isFinalised(domain);
  if (k.domains.isPaging(domain)) {
    const error = k.domains.finalise(domain, iommu);
    if (error < 0) return error;
  }
  const smmu = k.hw.smmus[iommu];
  if (smmu === undefined) return -ERRNO.ENODEV;
  const error =
    smmu.kind === 'smmu-v3' ? attachV3(k, device, domain, smmu) : attachV2(k, device, domain, smmu);
  if (error < 0) {
    // arm_smmu_init_domain_context's out_clear_smmu: the domain may still go to another SMMU.
    if (isNew) k.domains.unfinalise(domain);
    return error;
  }
  k.domains.current.set(device, domain + 1);
  return 0;
}

/**
 * __iommu_group_set_domain: each device of the group; if one fails, those before it go back to
 * where they were.
 */
const attachDevice = step('arm_smmu_attach_dev', (k, t) => {
  const { group } = k.device(t.device);
  const before = group.map((member) => k.domains.current.get(member));
  for (const [n, member] of group.entries()) {
    const error = attachOne(k, member, t.domain);
    if (error === 0) continue;
    group.slice(0, n).forEach((moved, i) => {
      const old = (before[i] ?? 0) - 1;
      if (old < 0 || attachOne(k, moved, old) < 0) forget(k, moved);
    });
    return error;
  }
  return 0;
});

/**
 * vfio_iommu_type1_attach_group without allow_unsafe_interrupts: the MSI controller must keep a
 * device from raising another's interrupts (msi_device_has_isolated_msi). An ITS with DeviceIDs of
 * its own does.
 */
function isUnsafe(k: Kernel, t: Thread): boolean {
  const { spec } = k.domains.spec(t.domain);
  if (spec.kind !== 'unmanaged' || spec.refuseUnsafe !== true) return false;
  if (!k.on['vfio-unsafe-interrupts']) return false;
  return k.device(t.device).group.some((member) => {
    const controller = k.topology.controllers[k.device(member).controller]?.spec;
    return !(controller?.kind === 'gicv3-its' && controller.preIts === undefined);
  });
}

/**
 * iommu_release_device, and a probe that failed: the device has no domain and its stream no table.
 */
export const forgetDevice = (k: Kernel, t: Thread): void => forget(k, t.device);

function forget(k: Kernel, device: number): void {
  const { iommu, streamIds } = k.device(device);
  const smmu = k.hw.smmus[iommu];
  k.domains.current.set(device, 0);
  for (const id of streamIds) {
    if (smmu?.kind === 'smmu-v3') writeSte(k, smmu, id, STE.abort, 0);
    else if (smmu && smmu.match(id) >= 0 && !isShared(k, smmu, device, smmu.match(id)))
      smmu.clearGroup(smmu.match(id));
  }
}

/** s2cr.count: another device that is attached uses the stream mapping group. */
const isShared = (k: Kernel, smmu: SmmuV2Block, device: number, group: number): boolean =>
  k.topology.devices.some(
    ({ index, iommu, streamIds }) =>
      index !== device &&
      k.hw.smmus[iommu] === smmu &&
      k.domains.current.get(index) !== 0 &&
      streamIds.some((id) => smmu.match(id) === group),
  );

/**
 * iommu_create_device_direct_mappings: what iommu_iova_to_phys does not know is mapped. It answers
 * 0 for an address that is not mapped, and for one that is mapped to 0.
 */
const createDirectMappings = step('iommu_create_device_direct_mappings', (k, t) => {
  const { spec } = k.domains.spec(t.domain);
  if ((spec.kind !== 'dma' && spec.kind !== 'nested') || spec.direct === undefined) return 0;
  const { base, size } = spec.direct;
  const isMapped = k.on['direct-map-of-pa-0']
    ? k.hw.tables.find(t.domain, base) >= 0
    : k.domains.iovaToPhys(t.domain, base) !== 0;
  return isMapped ? 0 : k.domains.map(t.domain, base, base, size, PROT.READ | PROT.WRITE);
});

/** No IOMMU in front of the device, none in the kernel, or no such domain any more. */
const check = step('iommu_attach_device', (k, t) => {
  if (!k.config.iommuApi || k.device(t.device).iommu < 0) return -ERRNO.ENODEV;
  if (k.domains.isFreed(t.domain)) return -ERRNO.EINVAL;
  const { kind } = k.domains.spec(t.domain).spec;
  const isV3 = k.hw.smmus[k.device(t.device).iommu]?.kind === 'smmu-v3';
  // arm_vsmmu_alloc_domain_nested: SMMUv3 alone; the parent belongs to iommufd.
  if (kind === 'nested' && !(isV3 && k.on['smmu-v3-nested'])) return -ERRNO.EOPNOTSUPP;
  return isUnsafe(k, t) ? -ERRNO.EPERM : 0;
});

export const attachProcedure = (design: Design): Node[] => [
  locked(groupMutex, [
    check,
    ...design.beforeAttach,
    attachDevice,
    attempt(
      [createDirectMappings],
      [glue((k, t) => k.device(t.device).group.forEach((member) => forget(k, member)))],
    ),
  ]),
];

/** Back to the group's default DMA domain, as __iommu_group_set_core_domain does. */
export const detachProcedure = (design: Design): Node[] => [
  locked(groupMutex, [
    step('iommu_detach_device', (k, t) =>
      k.device(t.device).iommu < 0 || k.domains.forDevice(t.device) < 0 ? -ERRNO.ENODEV : 0,
    ),
    glue((k, t) => void (t.domain = k.device(t.device).defaultDomain)),
    ...design.beforeAttach,
    attachDevice,
  ]),
];
