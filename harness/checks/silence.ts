/**
 * `interrupts: none` is true of a machine that is switched off. It counts only in a case in which
 * some interrupt was delivered, or a fault that was expected came.
 */
import type { Case, Expectation } from '../spec/case.ts';
import { failed, HELD, type Outcome } from './finding.ts';

export class SilenceControl {
  private control = false;

  interruptSeen(): void {
    this.control = true;
  }

  held(expectation: Expectation): void {
    if (expectation.kind === 'faults' && expectation.entries.length > 0) this.control = true;
  }

  /** Undefined where the case expects no silence. */
  check(spec: Case): Outcome | undefined {
    const silent = findSilence(spec);
    if (silent === undefined) return undefined;
    if (this.control) return HELD;
    return failed({
      code: 'DB416',
      place: silent.place,
      message:
        'no interrupt is expected here, but in this whole case none was delivered and no expected fault came: the silence proves nothing',
      hint: 'add a positive control: a vector that does arrive, or a fault that must come',
    });
  }
}

/** `count: 0` says the same as `none`. */
export const isSilence = (e: Expectation): boolean =>
  e.kind === 'interrupts' &&
  e.deliveries.every(({ count }) => count.kind === 'value' && count.value === 0n);

function findSilence(spec: Case): Expectation | undefined {
  for (const step of spec.steps) {
    const found = step.expect.find(isSilence);
    if (found !== undefined) return found;
  }
  return spec.expect.find(isSilence);
}
