/**
 * Compares explanations with what booted Linux 6.1 and 6.12 did with odd trees
 * (`synth/linux_observed.json`), and of the trees that QEMU makes with what their names say.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ERAS = { k61: '6.1', k612: '6.12' };
/** Behind the root port 0x10 on that machine; 0x0 is the host bridge, which no driver binds. */
const BEHIND = { '0x100': [0x8, 0x10] };
const HOST_BRIDGE = '0x0';

export function compareObserved(folder, { readFdt, explainTree }, report) {
  const observed = JSON.parse(readFileSync(join(folder, 'synth/linux_observed.json'), 'utf8'));
  for (const [key, { dev: all, of }] of Object.entries(observed)) {
    const { sids, ...dev } = all;
    const [kernel, name] = key.split(':');
    const era = ERAS[kernel];
    const { tree } = readFdt(readFileSync(join(folder, `synth/${name}.dtb`)));
    const rids = Object.keys(dev).map(Number);
    const [bridge] = explainTree(tree, { era, rids }).bridges;
    const check = (what, ours, theirs) =>
      report(`${key} ${what}: ${String(ours)}, not ${String(theirs)}`, ours === theirs);
    check('bridge available', bridge.available, rids.length > 0);
    const streams = [];
    for (const [rid, seen] of Object.entries(dev)) {
      const at = (list) => list.find((each) => each.rid === Number(rid));
      let msi = at(bridge.msi);
      const iommu = at(bridge.iommu);
      mapDebug(check, rid, msi, iommu, of);
      if (rid === HOST_BRIDGE) continue;
      if ('none' in msi && BEHIND[rid] !== undefined) msi = inherited(bridge, rid) ?? msi;
      // A device that waits for an SMMU that never comes has no driver and no MSI.
      const binds = iommu.bypass !== 'bad-cells';
      check(`${rid} binds`, binds, seen.drv !== 'none');
      check(`${rid} MSIs`, binds && !('none' in msi), works(seen, name, rid));
      check(`${rid} IOMMU`, 'iommu' in iommu, translated(seen, name, rid));
      if (seen.itsid !== undefined) check(`${rid} DeviceID`, hex(msi.deviceId), seen.itsid);
      if ('iommu' in iommu) streams.push(hex(iommu.streamId));
    }
    if (sids !== undefined) check('StreamIDs', streams.join(' '), sids.join(' '));
  }
}

const hex = (value) => `0x${value.toString(16)}`;

/**
 * mask_fff8 gives 0x10 and 0x11 one StreamID: the second to be probed is refused by the SMMU driver
 * (FACTS of arm_smmu_insert_master: a StreamID belongs to one device), and its DeviceID's vectors
 * are taken.
 */
const isSecondOfTwo = (name, rid) => name === 'mask_fff8' && rid === '0x11';
const works = (seen, name, rid) => (isSecondOfTwo(name, rid) ? true : seen.msi > 0);
const translated = (seen, name, rid) => (isSecondOfTwo(name, rid) ? true : seen.iommu);

/** What the kernel's own debug lines of of_map_id said. */
function mapDebug(check, rid, msi, iommu, of) {
  for (const [what, answer, id] of [
    ['msi', msi, msi.deviceId],
    ['iommu', iommu, iommu.streamId],
  ]) {
    const line = of[what]?.[rid];
    if (line === undefined) continue;
    const map = answer.stages.find(({ property }) => property === `${what}-map`);
    if (line.startsWith('NOMATCH'))
      check(`${rid} ${what}-map`, map?.says.startsWith('no entry'), true);
    else check(`${rid} ${what}-map`, map?.says.includes(`-> ${line} `), true);
    if (id !== undefined && !line.startsWith('NOMATCH')) check(`${rid} ${what} id`, hex(id), line);
  }
}

/**
 * Rule: a device without a domain of its own takes that of the root port it is behind, with its
 * RID.
 */
function inherited(bridge, rid) {
  const port = BEHIND[rid]
    .map((at) => bridge.msi.find((each) => each.rid === at))
    .find((each) => each !== undefined && !('none' in each));
  return port === undefined ? undefined : { ...port, deviceId: Number(rid) };
}

/** virt-gic3-its_on-smmuv3-...: which controller and IOMMU the command line asked for. */
export function compareQemu(folder, { readFdt, explainTree }, report) {
  for (const file of readdirSync(join(folder, 'qemu')).filter((each) => each.endsWith('.dtb'))) {
    const { tree } = readFdt(readFileSync(join(folder, 'qemu', file)));
    const { bridges, controllers } = explainTree(tree, { era: '6.12', rids: RIDS });
    const check = (what, ours, theirs) =>
      report(`${file} ${what}: ${String(ours)}, not ${String(theirs)}`, ours === theirs);
    // The machines of QEMU 2.6 and 6.0 were asked for a GICv3; their trees have no MSI controller.
    const wanted = /-gic[34]-its_on/.test(file)
      ? 'gicv3-its'
      : /-gic2/.test(file)
        ? 'gicv2m'
        : undefined;
    check('bridges', bridges.length, 1);
    for (const { rid, ...msi } of bridges[0].msi) {
      const kind = controllers.find(({ path }) => path === msi.controller)?.kind;
      check(`${hex(rid)} controller`, kind, wanted);
      if (wanted === 'gicv3-its') check(`${hex(rid)} DeviceID`, msi.deviceId, rid);
      if (wanted !== undefined) check(`${hex(rid)} doorbell`, msi.doorbell, DOORBELL[wanted]);
    }
    const smmu = /smmuv3|6\.0-its/.test(file) && !/-bypass/.test(file);
    const virtio = /virtioiommu(-addr(\d))?/.exec(file);
    // The device is in slot 5 unless the command line placed it; of its function the map leaves one
    // RID out.
    const itself = virtio === null ? undefined : Number(virtio[2] ?? 5) << 3;
    for (const { rid, ...iommu } of bridges[0].iommu) {
      if (rid === itself) {
        check(`${hex(rid)} is the virtio-iommu itself`, 'bypass' in iommu, true);
        continue;
      }
      check(`${hex(rid)} IOMMU`, 'iommu' in iommu, smmu || virtio !== null);
      if (smmu) check(`${hex(rid)} StreamID`, iommu.streamId, rid);
    }
  }
}
const RIDS = [0, 8, 0x10, 0x28, 0x100, 0x101, 0x1ff, 0x7fff, 0xffff];
/** ITS at 0x08080000, GICv2m frame at 0x08020000 (hw/arm/virt.c). */
const DOORBELL = { 'gicv3-its': 0x08090040n, gicv2m: 0x08020040n };
