/** Whether a requester's MSI can arrive: what its two answers mean together. */
import type { IommuAnswer, MsiAnswer } from './explanation.ts';
import { WHY } from './why.ts';

export type Delivery =
  /** Linux sets everything up that firmware can be asked for. */
  | 'arrives'
  /** There is no controller: the driver gets no MSI. */
  | 'no-msi'
  /** An IOMMU may be in the way that Linux does not program. */
  | 'doubtful'
  /** The device's driver is never bound. */
  | 'never-binds';

export function deliveryOf(msi: MsiAnswer, iommu: IommuAnswer | undefined): Delivery {
  if (iommu !== undefined && 'bypass' in iommu && iommu.bypass === 'bad-cells')
    return 'never-binds';
  if ('none' in msi) return 'no-msi';
  if (iommu === undefined || !('bypass' in iommu)) return 'arrives';
  return BEHIND_NOTHING.has(iommu.bypass) ? 'arrives' : 'doubtful';
}

/** Firmware that names no IOMMU is taken at its word. */
const BEHIND_NOTHING = new Set<string>(['no-map', 'no-iort', 'no-smmu']);

/** For a person: what the driver and the device will see. */
export function deliveryText(msi: MsiAnswer, iommu: IommuAnswer | undefined): string {
  const delivery = deliveryOf(msi, iommu);
  if (delivery === 'never-binds')
    return 'no driver binds: Linux waits for an IOMMU whose driver does not start';
  if (delivery === 'no-msi')
    return `no MSI: ${'none' in msi ? WHY[msi.none] : ''}. Drivers fall back to INTx, or fail`;
  if (delivery === 'arrives')
    return iommu === undefined || 'bypass' in iommu || iommu.hwMsi === true
      ? 'arrives: the device writes the physical address of the doorbell'
      : 'arrives: Linux maps the doorbell for the device, which writes the IOVA';
  const why = iommu !== undefined && 'bypass' in iommu ? WHY[iommu.bypass] : '';
  return `doubtful: Linux sets no IOMMU up (${why}), so the device writes the physical address; an IOMMU in front of it that faults unknown streams stops it`;
}
