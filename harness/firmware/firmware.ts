/** What can be asked of a machine's firmware, whatever its format. */
import type { Era, Explanation, FirmwareDiagnostic } from '../../src/firmware/explanation.ts';
import type { Finding } from '../../src/firmware/finding.ts';

export interface Firmware {
  /** What reading it said. With an error among them nothing else can be asked. */
  readonly diagnostics: readonly FirmwareDiagnostic[];
  /** @param rids Without them: ranges that cover each bridge's buses. */
  explain(options: { readonly era: Era; readonly rids?: readonly number[] }): Explanation;
  check(era: Era): readonly Finding[];
  /** The RID of a device that has a node below a host bridge. */
  requesterOf?(path: string): { readonly bridge: string; readonly rid: number } | undefined;
}

export interface FirmwareFormat {
  /** Whether the content is of this kind. Must not throw. */
  readonly recognises: (path: string) => boolean;
  readonly open: (path: string) => Firmware;
}
