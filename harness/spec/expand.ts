/**
 * Parameters: the points of a matrix, `${name}` replaced by its value, named steps put in place.
 * Copies only what holds a parameter; a copy keeps the places of its original.
 */
import { didYouMean, listKnown, type Report } from './report.ts';
import { copyOrigin, type Data, type DataMap, mayHoldParameters, placeOf } from './data.ts';

export type Values = Readonly<Record<string, string | number | boolean>>;

const MAX_POINTS = 256;
const MAX_STEPS = 200_000;
const MAX_USE_DEPTH = 16;
const PARAMETER = /\$\{([A-Za-z][A-Za-z0-9-]*)\}/g;
const WHOLE = /^\$\{([A-Za-z][A-Za-z0-9-]*)\}$/;

/** Every combination, the last name turning fastest; undefined where there are too many. */
export function matrixPoints(
  matrix: Readonly<Record<string, readonly Data[]>>,
): Values[] | undefined {
  let points: Values[] = [{}];
  for (const [name, values] of Object.entries(matrix)) {
    if (points.length * values.length > MAX_POINTS) return undefined;
    points = points.flatMap((point) =>
      values.map((value) => ({ ...point, [name]: value as string | number | boolean })),
    );
  }
  return points;
}

/** `data` with its parameters replaced. Unknown ones are reported and left. */
export function substitute<T extends Data>(data: T, values: Values, report: Report): T {
  return replaceIn(data, values, report, undefined, '') as T;
}

/** `holder` and `key`: where the data stands, for the place of a name that stands for nothing. */
function replaceIn(
  data: Data,
  values: Values,
  report: Report,
  holder: object | undefined,
  key: string,
): Data {
  if (typeof data === 'string')
    return data.includes('${') ? replaceText(data, values, report, holder, key) : data;
  if (typeof data !== 'object' || data === null || !mayHoldParameters(data)) return data;
  let copy: Data[] | DataMap | undefined;
  for (const name of Object.keys(data)) {
    const old = (data as DataMap)[name] as Data;
    const replaced = replaceIn(old, values, report, data, name);
    if (replaced === old) continue;
    if (copy === undefined) {
      copy = Array.isArray(data) ? [...data] : { ...data };
      copyOrigin(data, copy);
    }
    (copy as DataMap)[name] = replaced;
  }
  return copy ?? data;
}

function replaceText(
  text: string,
  values: Values,
  report: Report,
  holder: object | undefined,
  key: string,
): Data {
  const known = Object.keys(values);
  const valueOf = (name: string): string | number | boolean | undefined => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) {
      report.error(
        'DB302',
        holder && placeOf(holder, key),
        `\${${name}} stands for nothing here${didYouMean(name, known)}`,
        listKnown(known),
      );
    }
    return value;
  };
  const whole = WHOLE.exec(text);
  if (whole) return valueOf(whole[1] ?? '') ?? text;
  return text.replace(PARAMETER, (all, name: string) => String(valueOf(name) ?? all));
}

export interface NamedSteps {
  readonly params: readonly string[];
  readonly steps: readonly DataMap[];
}

/**
 * Steps with every `use:` replaced by what it names, and every parameter by its value at this
 * point.
 */
export function inlineSteps(
  steps: readonly DataMap[],
  named: ReadonlyMap<string, NamedSteps>,
  point: Values,
  report: Report,
): DataMap[] {
  const out: DataMap[] = [];
  const inline = (list: readonly DataMap[], known: Values, trail: readonly string[]): boolean => {
    for (const written of list) {
      const step = substitute(written, known, report);
      if (out.length >= MAX_STEPS) {
        report.error('DB309', placeOf(step), `more than ${MAX_STEPS} steps`);
        return false;
      }
      const name = step['use'];
      if (!isSensible(step, report)) continue;
      if (typeof name !== 'string') {
        out.push(step);
        continue;
      }
      const found = named.get(name);
      const place = placeOf(step, 'use');
      if (found === undefined) {
        const names = [...named.keys()];
        report.error(
          'DB301',
          place,
          `no named steps "${name}"${didYouMean(name, names)}`,
          listKnown(names),
        );
        continue;
      }
      if (trail.includes(name) || trail.length >= MAX_USE_DEPTH) {
        report.error(
          'DB309',
          place,
          `named steps use themselves: ${[...trail, name].join(' -> ')}`,
        );
        return false;
      }
      const values = argumentsOf(step, name, found, report);
      if (values && !inline(found.steps, { ...point, ...values }, [...trail, name])) return false;
    }
    return true;
  };
  inline(steps, point, []);
  return out;
}

/** What stands beside `use:` or without it, and would be passed over in silence. */
function isSensible(step: DataMap, report: Report): boolean {
  const uses = step['use'] !== undefined;
  const beside = uses ? 'expect' : 'with';
  if (step[beside] === undefined) return true;
  const message = uses
    ? 'expect beside use: expect in the named steps, or in the step after them'
    : 'with without use: only named steps have parameters';
  report.error('DB306', placeOf(step, beside, 'key'), message);
  return false;
}

function argumentsOf(
  step: DataMap,
  name: string,
  found: NamedSteps,
  report: Report,
): Values | undefined {
  const given = (step['with'] ?? {}) as Values;
  for (const key of Object.keys(given)) {
    if (found.params.includes(key)) continue;
    const place = placeOf(step['with'] as object, key, 'key');
    report.error(
      'DB302',
      place,
      `"${name}" has no parameter "${key}"${didYouMean(key, found.params)}`,
      listKnown(found.params),
    );
    return undefined;
  }
  const missing = found.params.filter((param) => !Object.hasOwn(given, param));
  if (missing.length === 0) return given;
  report.error(
    'DB302',
    placeOf(step, 'use'),
    `"${name}" needs ${missing.join(', ')}`,
    `with: { ${missing[0]}: ... }`,
  );
  return undefined;
}
