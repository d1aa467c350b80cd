/**
 * What an exploration may leave to the hardware: for each the words of specs and of the command.
 */
export const FREEDOMS = {
  /**
   * When a device's write of a message reaches the SMMU. `atomic`: with the raising of the vector.
   * `posted`: any time later, but before the completion of a read that pushes it (PCIe ordering);
   * one write for each device is under way at most.
   */
  writes: ['posted', 'atomic'],
  /**
   * Whether SMMUs and redistributors keep what they have read: translations, STEs and the
   * configuration of LPIs that stay until they are invalidated, or are dropped at any moment once
   * they are out of date. `none`: each write is translated by the tables as they are.
   */
  caches: ['none', 'kept'],
  /**
   * When commands to an ITS or SMMU take effect. `at-once`: in the step that posts them and their
   * SYNC. `queued`: the hardware reads the oldest at any moment, and who posted a SYNC waits until
   * it has read all before it.
   */
  commands: ['at-once', 'queued'],
} as const;

export type FreedomName = keyof typeof FREEDOMS;

export type Freedom = { readonly [N in FreedomName]: (typeof FREEDOMS)[N][number] };

export const FREEDOM_NAMES = Object.keys(FREEDOMS) as FreedomName[];
