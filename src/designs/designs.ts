/** All designs by name. */
import { compose } from './compose.ts';
import type { Design, DesignName } from './design.ts';
import { linux49 } from './linux-4.9.ts';
import { linux52 } from './linux-5.2.ts';
import { linux615 } from './linux-6.15.ts';
import { msiIommu } from './msi-iommu.ts';
import { rfcV3 } from './rfc-v3.ts';
import { tracked } from './tracked.ts';
import { trackedAbba } from './tracked-abba.ts';
import { trackedEarly } from './tracked-early.ts';
import { unmapped } from './unmapped.ts';

export const DESIGNS: Readonly<Record<DesignName, Design>> = {
  unmapped,
  'rfc-v3': rfcV3,
  compose,
  'msi-iommu': msiIommu,
  'linux-4.9': linux49,
  'linux-5.2': linux52,
  'linux-6.15': linux615,
  tracked,
  'tracked-early': trackedEarly,
  'tracked-abba': trackedAbba,
};
