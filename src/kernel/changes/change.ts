/**
 * What Linux changed over the years, as data: one entry for each change that the model can show. An
 * entry says for which releases it holds; the procedures ask for it by name (`k.on[...]`).
 */

/** A release: `6.12`, or with its stable update `6.12.78`. */
export type KernelVersion = string;

export interface KernelChange {
  /** The commit's subject, or what changed in a line. */
  readonly title: string;
  /** Mainline commit, first 12 digits; left out where only the release is known. */
  readonly commit?: string;
  /** First mainline release that has it. */
  readonly from: KernelVersion;
  /** First mainline release that no longer has it. */
  readonly until?: KernelVersion;
  /** Stable updates that brought it to older releases. */
  readonly stable?: readonly KernelVersion[];
  /** The release is from recollection: no source that names it was seen. */
  readonly recollected?: true;
  /** What the machine does with it, and without. */
  readonly effect: string;
  /** Whether it holds in a spec that names no kernel. Left out: yes. */
  readonly unnamed?: false;
}

const parts = (version: KernelVersion): number[] => version.split('.').map(Number);

/**
 * Less than, equal to or greater than zero, as a comes before, with or after b. `6.12` is `6.12.0`.
 */
export function compareVersions(a: KernelVersion, b: KernelVersion): number {
  const [x, y] = [parts(a), parts(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (x[i] ?? 0) - (y[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const release = (version: KernelVersion): string => version.split('.').slice(0, 2).join('.');

/** Whether a kernel of this version has the change. */
export function holdsIn(change: KernelChange, version: KernelVersion): boolean {
  if (change.until !== undefined && compareVersions(version, change.until) >= 0) return false;
  if (compareVersions(version, change.from) >= 0) return true;
  return (change.stable ?? []).some(
    (update) => release(update) === release(version) && compareVersions(version, update) >= 0,
  );
}
