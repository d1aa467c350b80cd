/**
 * Linux up to 4.8: nobody maps the doorbell. The device behind a translating IOMMU is given the
 * physical address and every MSI write faults.
 */
import { type Design, NO_HOOKS } from './design.ts';

export const unmapped: Design = { ...NO_HOOKS, name: 'unmapped', window: 'user' };
