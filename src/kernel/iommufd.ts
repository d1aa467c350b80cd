/**
 * iommufd's table of doorbell pages, one per file descriptor: page -> offset in the SW_MSI window.
 * Never recycled, at most 64 entries. drivers/iommu/iommufd/driver.c (6.15).
 */
import { ERRNO } from '../observation.ts';
import type { Column, Store, WideColumn } from '../state/store.ts';

const IOMMUFD_SW_MSI_PAGES = 64;
/** Of a bit per page. */
const WORDS = IOMMUFD_SW_MSI_PAGES / 32;

export class IommufdTables {
  private readonly count: Column;
  private readonly pages: WideColumn;
  /**
   * igroup->required_sw_msi: pages that the messages of a group use, a bit per offset, by its first
   * device.
   */
  private readonly required: Column;

  constructor(store: Store, fds: number, devices: number) {
    this.required = store.column(devices * WORDS, {
      part: 'iommufd',
      device: (row) => Math.floor(row / WORDS),
    });
    this.count = store.column(fds, { part: 'iommufd' });
    this.pages = store.wideColumn(fds * IOMMUFD_SW_MSI_PAGES, {
      part: 'iommufd',
      holds: 'address',
    });
  }

  /**
   * Page offset for a physical page, allotted when it is new; -EOVERFLOW when the table is full.
   */
  offsetOf(fd: number, page: number): number {
    const count = this.count.get(fd);
    for (let i = 0; i < count; i++)
      if (this.pages.get(fd * IOMMUFD_SW_MSI_PAGES + i) === page) return i;
    if (count === IOMMUFD_SW_MSI_PAGES) return -ERRNO.EOVERFLOW;
    this.pages.set(fd * IOMMUFD_SW_MSI_PAGES + count, page);
    this.count.set(fd, count + 1);
    return count;
  }

  require(device: number, offset: number): void {
    const row = WORDS * device + (offset >>> 5);
    this.required.set(row, this.required.get(row) | (1 << (offset & 31)));
  }

  requires(device: number, offset: number): boolean {
    return (this.required.get(WORDS * device + (offset >>> 5)) & (1 << (offset & 31))) !== 0;
  }

  size(fd: number): number {
    return this.count.get(fd);
  }

  page(fd: number, offset: number): number {
    return this.pages.get(fd * IOMMUFD_SW_MSI_PAGES + offset);
  }
}
