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
};

const S2CR_OF: Readonly<Record<Domain['kind'], number>> = {
  dma: S2CR.translate,
  unmanaged: S2CR.translate,
  identity: S2CR.bypass,
  blocked: S2CR.fault,
};

/**
 * arm_smmu_insert_master: a StreamID that another device has (`stream N already in tree`, seen on booted 6.1 and
 * 6.12), or that this one names twice.
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

/** arm_smmu_write_ste: what is in memory counts after CFGI_STE and CMD_SYNC (arm_smmu_sync_ste_for_sid). */
function writeSte(k: Kernel, smmu: SmmuV3Block, id: number, config: number, domain: number): void {
  smmu.writeSte(id, config, domain);
  if (!k.on['cfgi-on-ste']) return;
  smmu.commands.cfgiSte(id);
  if (k.on['smmu-sync']) smmu.commands.sync();
}

function attachV3(k: Kernel, t: Thread, smmu: SmmuV3Block): number {
  const { streamIds } = k.device(t.device);
  // arm_smmu_sid_in_range.
  if (streamIds.some((id) => id >= 2 ** smmu.streamIdBits)) return -ERRNO.ERANGE;
  const refused = checkStreams(k, t.device);
  if (refused < 0) return refused;
  const { kind } = k.domains.spec(t.domain).spec;
  for (const id of streamIds) writeSte(k, smmu, id, STE_OF[kind], t.domain);
  return 0;
}

function attachV2(k: Kernel, t: Thread, smmu: SmmuV2Block): number {
  const { streamIds } = k.device(t.device);
  if (streamIds.some((id) => id >= 2 ** smmu.streamIdBits)) return -ERRNO.ERANGE;
  const { kind } = k.domains.spec(t.domain).spec;
  // arm_smmu_find_sme: a group for each StreamID that has none; -ENOSPC when they run out.
  const fresh = streamIds.filter((id) => smmu.match(id) < 0);
  const groups: number[] = [];
  for (const id of fresh) {
    const group = smmu.freeGroup();
    if (group < 0) {
      for (const taken of groups) smmu.writeGroup(taken, 0, S2CR.invalid, 0);
      return -ERRNO.ENOSPC;
    }
    smmu.writeGroup(group, id, S2CR.fault, 0);
    groups.push(group);
  }
  let bank = 0;
  if (S2CR_OF[kind] === S2CR.translate) {
    bank = smmu.bankOf(t.domain);
    if (bank < 0) {
      // __arm_smmu_alloc_bitmap: the banks run out.
      bank = smmu.freeBank();
      if (bank < 0) {
        for (const taken of groups) smmu.writeGroup(taken, 0, S2CR.invalid, 0);
        return -ERRNO.ENOSPC;
      }
      smmu.writeBank(bank, t.domain);
    }
  }
  for (const id of streamIds) smmu.writeGroup(smmu.match(id), id, S2CR_OF[kind], bank);
  return 0;
}

const attachDevice = step('arm_smmu_attach_dev', (k, t) => {
  const device = k.device(t.device);
  const isNew = !k.domains.isFinalised(t.domain);
  if (k.domains.isPaging(t.domain)) {
    const error = k.domains.finalise(t.domain, device.iommu);
    if (error < 0) return error;
  }
  const smmu = k.hw.smmus[device.iommu];
  if (smmu === undefined) return -ERRNO.ENODEV;
  const error = smmu.kind === 'smmu-v3' ? attachV3(k, t, smmu) : attachV2(k, t, smmu);
  if (error < 0) {
    // arm_smmu_init_domain_context's out_clear_smmu: the domain may still go to another SMMU.
    if (isNew) k.domains.unfinalise(t.domain);
    return error;
  }
  k.domains.current.set(t.device, t.domain + 1);
  return 0;
});

/**
 * vfio_iommu_type1_attach_group without allow_unsafe_interrupts: the MSI controller must keep a device from raising
 * another's interrupts (msi_device_has_isolated_msi). An ITS with DeviceIDs of its own does.
 */
function isUnsafe(k: Kernel, t: Thread): boolean {
  const { spec } = k.domains.spec(t.domain);
  if (spec.kind !== 'unmanaged' || spec.refuseUnsafe !== true) return false;
  if (!k.on['vfio-unsafe-interrupts']) return false;
  const controller = k.topology.controllers[k.device(t.device).controller]?.spec;
  return !(controller?.kind === 'gicv3-its' && controller.preIts === undefined);
}

/** iommu_release_device, and a probe that failed: the device has no domain and its stream no table. */
export function forgetDevice(k: Kernel, t: Thread): void {
  const { iommu, streamIds } = k.device(t.device);
  const smmu = k.hw.smmus[iommu];
  k.domains.current.set(t.device, 0);
  for (const id of streamIds) {
    if (smmu?.kind === 'smmu-v3') writeSte(k, smmu, id, STE.abort, 0);
    else if (smmu && smmu.match(id) >= 0) smmu.writeGroup(smmu.match(id), 0, S2CR.invalid, 0);
  }
}

/**
 * iommu_create_device_direct_mappings: what iommu_iova_to_phys does not know is mapped. It answers 0 for an address that
 * is not mapped, and for one that is mapped to 0.
 */
const createDirectMappings = step('iommu_create_device_direct_mappings', (k, t) => {
  const { spec } = k.domains.spec(t.domain);
  if (spec.kind !== 'dma' || spec.direct === undefined) return 0;
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
  return isUnsafe(k, t) ? -ERRNO.EPERM : 0;
});

export const attachProcedure = (design: Design): Node[] => [
  locked(groupMutex, [
    check,
    ...design.beforeAttach,
    attachDevice,
    attempt([createDirectMappings], [glue(forgetDevice)]),
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
