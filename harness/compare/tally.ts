/** What comparisons came to, all told. */
import { count } from '../report/style.ts';
import type { Comparison } from './compare-case.ts';

export class Tally {
  compared = 0;
  differing = 0;
  /**
   * Cases in which a target died, and those of them in which less than two columns were left to
   * compare.
   */
  died = 0;
  private lost = 0;
  private skipped = 0;

  add({ columns, differences }: Comparison): void {
    const present = columns.filter(({ missing }) => missing === undefined).length;
    const died = columns.some((column) => column.died);
    if (died) this.died++;
    if (differences > 0) this.differing++;
    if (present > 1) this.compared++;
    else if (died) this.lost++;
    else this.skipped++;
  }

  text(): string {
    const { compared, differing, lost, skipped } = this;
    return [
      `${count(compared, 'case')} compared, ${differing} with differences`,
      ...(lost === 0 ? [] : [`${lost} could not be compared, as a target died`]),
      ...(skipped === 0 ? [] : [`${skipped} with one column only`]),
    ].join('; ');
  }
}
