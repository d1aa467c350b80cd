/** Which of several threads runs which file. */

/**
 * Given the files in order: the place of the next one that a thread is to run; undefined: none is
 * left for it.
 */
export type Plan = (files: readonly string[]) => (thread: number) => number | undefined;

/**
 * The first thread runs short files, the others long ones; who has no more of his own helps. In
 * order, if all are alike.
 */
export const byLength =
  (isLong: (file: string) => boolean): Plan =>
  (files) => {
    const all = files.map((file, index) => ({ index, isLong: isLong(file) }));
    const short = all.filter((file) => !file.isLong);
    const long = all.filter((file) => file.isLong);
    return (thread) =>
      (thread === 0 ? (short.shift() ?? long.shift()) : (long.shift() ?? short.shift()))?.index;
  };
