/**
 * What read data must look like: checks that name the place of the first value that does not fit.
 */

/** What does not fit, such as `cases[3].status is missing`; undefined if the value fits. */
export type Shape = (value: unknown, at: string) => string | undefined;

const primitive =
  (type: 'string' | 'number' | 'boolean'): Shape =>
  (value, at) =>
    typeof value === type
      ? undefined
      : value === undefined
        ? `${at} is missing`
        : `${at} is no ${type}`;

export const string = primitive('string');
export const number = primitive('number');
export const boolean = primitive('boolean');

export const oneOf =
  (...values: readonly unknown[]): Shape =>
  (value, at) =>
    values.includes(value) ? undefined : `${at} is none of ${values.join(', ')}`;

export const optional =
  (shape: Shape): Shape =>
  (value, at) =>
    value === undefined ? undefined : shape(value, at);

export const nullable =
  (shape: Shape): Shape =>
  (value, at) =>
    value === null ? undefined : shape(value, at);

export const list =
  (shape: Shape): Shape =>
  (value, at) =>
    Array.isArray(value)
      ? firstOf(value.map((each: unknown, i) => () => shape(each, `${at}[${i}]`)))
      : `${at} is no list`;

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** At least these keys: a newer version may have more. */
export const object =
  (keys: Readonly<Record<string, Shape>>): Shape =>
  (value, at) =>
    isObject(value)
      ? firstOf(
          Object.entries(keys).map(([key, shape]) => () => {
            const own = Object.hasOwn(value, key) ? value[key] : undefined;
            return shape(own, at === '' ? key : `${at}.${key}`);
          }),
        )
      : `${at === '' ? 'it' : at} is no object`;

export const record =
  (shape: Shape): Shape =>
  (value, at) =>
    isObject(value)
      ? firstOf(
          Object.entries(value).map(
            ([key, each]) =>
              () =>
                shape(each, `${at}.${key}`),
          ),
        )
      : `${at} is no object`;

function firstOf(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const found = check();
    if (found !== undefined) return found;
  }
  return undefined;
}
