/** Whether a requester's MSI can arrive: what its two answers mean together. */
import type { IommuAnswer, MsiAnswer } from './explanation.ts';
import { WHY, type Why } from './why.ts';

export type Delivery =
  /** Linux sets everything up that firmware can be asked for. */
  | 'arrives'
  /** There is no controller: the driver gets no MSI. */
  | 'no-msi'
  /** An IOMMU may be in the way that Linux does not program. */
  | 'doubtful'
  /** The device's driver is never bound. */
  | 'never-binds';

/**
 * @param inside The controller is in the host bridge, which catches the write before it comes to an
 *   IOMMU: an address in a register that the bridge compares (DesignWare's
 *   PCIE_MSI_ADDR_LO and its likes).
 */
export function deliveryOf(
  msi: MsiAnswer,
  iommu: IommuAnswer | undefined,
  inside = false,
): Delivery {
  if (iommu !== undefined && 'bypass' in iommu && iommu.bypass === 'bad-cells')
    return 'never-binds';
  if ('none' in msi) return 'no-msi';
  if (inside || iommu === undefined || !('bypass' in iommu)) return 'arrives';
  return BEHIND_NOTHING.has(iommu.bypass) ? 'arrives' : 'doubtful';
}

/** Firmware that names no IOMMU is taken at its word. */
const BEHIND_NOTHING = new Set<string>(['no-map', 'no-iort', 'no-smmu']);

/** For a person: what the driver and the device will see. */
export function deliveryText(
  msi: MsiAnswer,
  iommu: IommuAnswer | undefined,
  inside = false,
): string {
  const delivery = deliveryOf(msi, iommu, inside);
  if (delivery === 'never-binds')
    return 'no driver binds: Linux waits for an IOMMU whose driver does not start';
  if (delivery === 'no-msi')
    return `no MSI: ${'none' in msi ? WHY[msi.none] : ''}. Drivers fall back to INTx, or fail`;
  if (delivery === 'arrives' && inside) {
    const dma =
      deliveryOf(msi, iommu) === 'doubtful' ? `; its DMA is doubtful: ${noIommu(iommu)}` : '';
    return `arrives: the bridge itself takes the write, in front of any IOMMU${dma}`;
  }
  if (delivery === 'arrives')
    return iommu === undefined || 'bypass' in iommu || iommu.hwMsi === true
      ? 'arrives: the device writes the physical address of the doorbell'
      : 'arrives: Linux maps the doorbell for the device, which writes the IOVA';
  return `doubtful: ${noIommu(iommu)}, so the device writes the physical address; an IOMMU in front of it that faults unknown streams stops it`;
}

const noIommu = (iommu: IommuAnswer | undefined): string =>
  `Linux sets no IOMMU up (${iommu !== undefined && 'bypass' in iommu ? WHY[iommu.bypass] : ''})`;

/**
 * Where a reader looks first: what firmware would have to say instead. Nothing where all is well.
 */
export function remedy(msi: MsiAnswer, iommu: IommuAnswer | undefined): string | undefined {
  if (iommu !== undefined && 'bypass' in iommu && deliveryOf(msi, iommu) !== 'arrives') {
    const { bypass, at } = iommu;
    const instead = IOMMU_REMEDY[bypass];
    if (deliveryOf(msi, iommu) !== 'no-msi' && instead !== undefined)
      return at === undefined ? instead : `${at}: ${instead}`;
  }
  if (!('none' in msi)) return undefined;
  const instead = MSI_REMEDY[msi.none];
  if (instead === undefined) return undefined;
  return msi.at === undefined ? instead : `${msi.at}: ${instead}`;
}

const MAP = 'an entry for this ID, or one range that covers bus-range';
const ENTRIES = 'entries of <id-base &target output-base length>';
const IOMMU_REMEDY: Partial<Record<Why, string>> = {
  disabled:
    'status = "okay" if Linux owns the IOMMU; if somebody else does, it has to let this stream through',
  'no-match': MAP,
  'bad-length': ENTRIES,
  'bad-phandle': 'the phandle of the IOMMU',
  'bad-cells': '#iommu-cells = <1>, for an SMMUv3',
  'not-a-controller': 'a phandle of an IOMMU instead',
};
const MSI_REMEDY: Partial<Record<Why, string>> = {
  disabled: 'status = "okay"',
  'no-map': 'an msi-map to the MSI controller (in an IORT, an ID mapping)',
  'no-match': MAP,
  'bad-length': ENTRIES,
  'bad-phandle': 'the phandle of the MSI controller',
  'too-few-cells':
    'the DeviceID behind the phandle; of a PCI bridge, msi-map instead of msi-parent',
  'no-msi-controller': 'the property msi-controller',
  'not-a-controller': 'a phandle of an MSI controller instead',
  'not-first-frame': 'the first GICv2m frame, which has the MSI domain of all',
  'its-not-in-madt': 'an ITS of that ID in the MADT, or the ID of one that is there',
  'no-root-complex': 'a root complex of this segment in the IORT',
};
