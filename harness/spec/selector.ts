/**
 * `design:` and `when:` of a block: for which cases it counts, and whether it can count for any.
 */
import type { Values } from './expand.ts';
import { didYouMean, listKnown, type Report } from './report.ts';
import { type Data, type DataMap, placeOf } from './data.ts';

const listOf = (data: Data | undefined): Data[] =>
  data === undefined ? [] : Array.isArray(data) ? data : [data];

export class Selector {
  private readonly labels: readonly string[];
  private readonly matrix: Readonly<Record<string, readonly Data[]>>;
  private readonly report: Report;
  private readonly checked = new WeakSet<object>();

  constructor(
    labels: readonly string[],
    matrix: Readonly<Record<string, readonly Data[]>>,
    report: Report,
  ) {
    this.labels = labels;
    this.matrix = matrix;
    this.report = report;
  }

  /** A block for a design or value that the spec does not run would never be looked at. */
  check(block: DataMap): void {
    if (this.checked.has(block)) return;
    this.checked.add(block);
    for (const [i, name] of listOf(block['design']).entries()) {
      if (this.labels.includes(String(name))) continue;
      const container = Array.isArray(block['design']) ? block['design'] : block;
      const place = placeOf(container, Array.isArray(block['design']) ? i : 'design');
      const near = didYouMean(String(name), this.labels);
      this.report.error(
        'DB320',
        place,
        `this spec does not run the design "${String(name)}"${near}`,
        listKnown(this.labels),
      );
    }
    const when = (block['when'] ?? {}) as DataMap;
    for (const [name, wanted] of Object.entries(when)) {
      const values = Object.hasOwn(this.matrix, name) ? this.matrix[name] : undefined;
      if (values === undefined) {
        const known = Object.keys(this.matrix);
        this.report.error(
          'DB320',
          placeOf(when, name, 'key'),
          `the matrix has no "${name}"${didYouMean(name, known)}`,
          listKnown(known),
        );
        continue;
      }
      for (const value of listOf(wanted)) {
        if (values.includes(value)) continue;
        this.report.error(
          'DB320',
          placeOf(when, name),
          `the matrix does not give ${name} the value ${String(value)}`,
          listKnown(values.map(String)),
        );
      }
    }
  }

  isForDesign(block: DataMap, label: string): boolean {
    return block['design'] === undefined || listOf(block['design']).includes(label);
  }

  isForPoint(block: DataMap, point: Values): boolean {
    const when = (block['when'] ?? {}) as DataMap;
    return Object.entries(when).every(([name, wanted]) =>
      listOf(wanted).includes(point[name] as Data),
    );
  }
}
