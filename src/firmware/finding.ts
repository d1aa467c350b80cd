/** What `doorbell check` reports: as a reviewer of firmware would, with what follows from it. */
export interface Finding {
  /**
   * `error`: devices lose their MSIs or their DMA. `warning`: some may, or an ID is wrong. `note`:
   * odd, harmless.
   */
  readonly severity: 'error' | 'warning' | 'note';
  /** Kebab-case name of the rule; docs/firmware.md lists them. */
  readonly rule: string;
  /** Path of the node, or table and node. */
  readonly node: string;
  readonly property?: string;
  /** What is there. */
  readonly message: string;
  /** What Linux will do. */
  readonly linux: string;
  /** What the author probably meant. */
  readonly meant: string;
}
