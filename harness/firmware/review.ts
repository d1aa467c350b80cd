/** `doorbell check`: the rules of the firmware's kind, and the sizes of tables. */
import type { Era, FirmwareDiagnostic } from '../../src/firmware/explanation.ts';
import type { Finding } from '../../src/firmware/finding.ts';
import { type Sizes, sizeReview, strangers, type UnknownSize } from '../../src/firmware/sizes.ts';
import type { Firmware } from './firmware.ts';

export interface Review {
  readonly findings: readonly Finding[];
  /** What nobody can judge who has the firmware alone. */
  readonly unknown: readonly UnknownSize[];
}

const WEIGHT = { error: 0, warning: 1, note: 2 } as const;

/** Findings, the grave ones first. */
export function review(firmware: Firmware, era: Era, sizes: Sizes): Review | FirmwareDiagnostic {
  const explanation = firmware.explain({ era });
  const [stranger] = strangers(explanation, sizes);
  if (stranger !== undefined)
    return {
      code: 'DB618',
      severity: 'error',
      message: `${stranger} is no SMMU (--sid-bits) or ITS (--device-id-bits) that Linux uses`,
      hint: `there are ${[...explanation.iommus, ...explanation.controllers].map(({ path }) => path).join(', ') || 'none'}`,
    };
  const { findings, unknown } = sizeReview(explanation, sizes);
  const all = [...firmware.check(era), ...findings];
  return { findings: all.sort((a, b) => WEIGHT[a.severity] - WEIGHT[b.severity]), unknown };
}
