/**
 * What tells a case from the others of its file: the design, and its point of the matrix. As it is
 * printed everywhere.
 */
type Named = {
  readonly designLabel: string;
  readonly point: Readonly<Record<string, unknown>>;
};

/**
 * `[rfc-v3] granule=4K`. Values are the spec's own words: printable() before they come to a
 * terminal.
 */
export const caseName = (spec: Named): string => `[${spec.designLabel}]${pointWords(spec)}`;

/** The same as a row of a table of designs. */
export const rowName = (spec: Named): string => spec.designLabel + pointWords(spec);

const pointWords = ({ point }: Named): string =>
  Object.entries(point)
    .map(([name, value]) => ` ${name}=${String(value)}`)
    .join('');
