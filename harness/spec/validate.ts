/**
 * Data against a schema. The validator is code that ajv generated; its errors become one diagnostic
 * for each mistake, at the place in the YAML, with the schema's own description as the hint.
 */
import type { Place } from './case.ts';
import {
  type ValidationError,
  validateLibrary,
  validateSpec,
  validateTopology,
} from './generated/validators.js';
import { didYouMean, type Report } from './report.ts';
import { explain, placesOf } from './schema-walk.ts';
import { type Data, placeOf } from './data.ts';

const VALIDATORS = {
  spec: validateSpec,
  topology: validateTopology,
  library: validateLibrary,
} as const;
export type SchemaName = keyof typeof VALIDATORS;

/**
 * ajv's errors for one mistake can be a dozen; a file that is no spec at all has them by the
 * thousand.
 */
const MAX_ERRORS = 400;

/**
 * Where in the data a mistake is, as keys from its root; of one in a mapping itself, the key
 * concerned.
 */
export type Broken = readonly string[];

/** True if the data fits; else each mistake is reported. */
export const fitsSchema = (name: SchemaName, data: Data, report: Report, whole: Place): boolean =>
  mistakesOf(name, data, report, whole).length === 0;

/** Reports each mistake; where they are. */
export function mistakesOf(name: SchemaName, data: Data, report: Report, whole: Place): Broken[] {
  const validate = VALIDATORS[name];
  if (validate(data)) return [];
  const all = validate.errors ?? [];
  // What follows looks at each error together with the others.
  const errors = withoutNoise(all.slice(0, MAX_ERRORS), data);
  report.leaveOut(Math.max(0, all.length - MAX_ERRORS));
  const unknown = unknownKeys(errors);
  for (const error of errors) {
    // `domian` is one mistake: not an unknown key and a missing one.
    const near = error.keyword === 'required' ? (unknown.get(error.instancePath) ?? []) : [];
    if (didYouMean(String(error.params['missingProperty']), near) !== '') continue;
    describe(name, error, data, report, whole);
  }
  return all.map(({ instancePath, params }) => {
    const key = params['additionalProperty'] ?? params['missingProperty'];
    return [...partsOf(instancePath), ...(typeof key === 'string' ? [key] : [])];
  });
}

function unknownKeys(errors: readonly ValidationError[]): Map<string, string[]> {
  const keys = new Map<string, string[]>();
  for (const { instancePath, params } of errors) {
    const key = params['additionalProperty'];
    if (typeof key !== 'string') continue;
    const there = keys.get(instancePath);
    if (there) there.push(key);
    else keys.set(instancePath, [key]);
  }
  return keys;
}

/**
 * An anyOf that fails brings the errors of all its branches. Those of branches that the value was
 * plainly not meant for (another type, another constant) are noise where a branch got further.
 */
function withoutNoise(errors: readonly ValidationError[], data: Data): ValidationError[] {
  const unions = errors.filter((e) => e.keyword === 'anyOf' || e.keyword === 'oneOf');
  if (unions.length === 0) return [...errors];
  const dropped = new Set<ValidationError>();
  // Innermost first, so that an outer union sees what is left of the inner ones.
  for (const union of [...unions].sort((a, b) => b.instancePath.length - a.instancePath.length)) {
    // A union within a union, of the same value: one of them says it.
    if (dropped.has(union)) continue;
    const inside = errors.filter(
      (e) =>
        e !== union &&
        !dropped.has(e) &&
        (e.instancePath === union.instancePath ||
          e.instancePath.startsWith(`${union.instancePath}/`)),
    );
    const shallow = inside.filter(
      (e) => e.instancePath === union.instancePath && SHALLOW.has(e.keyword),
    );
    const further = inside.filter(
      (e) => !shallow.includes(e) && !(unions.includes(e) && e.instancePath === union.instancePath),
    );
    const typed =
      shallow.some((e) => e.keyword === 'type' && wantsContainer(e)) &&
      isContainer(at(data, union.instancePath));
    if (further.length > 0 && (isContainer(at(data, union.instancePath)) || typed)) {
      for (const e of shallow) dropped.add(e);
      dropped.add(union);
    } else {
      // Words or a parameter: the words are what the reader wants to see.
      const words = inside.find(
        (e) => e.keyword === 'enum' && e.instancePath === union.instancePath,
      );
      for (const e of inside) if (e !== words) dropped.add(e);
      if (words) dropped.add(union);
    }
  }
  return errors.filter((e) => !dropped.has(e));
}

const SHALLOW = new Set(['type', 'const', 'enum', 'pattern', 'minimum', 'minLength', 'maxLength']);
const wantsContainer = (e: ValidationError): boolean =>
  /object|array/.test(String(e.params['type']));
const isContainer = (data: Data | undefined): boolean => typeof data === 'object' && data !== null;

const unescape = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');
const partsOf = (pointer: string): string[] => pointer.split('/').slice(1).map(unescape);

function at(data: Data, pointer: string): Data | undefined {
  let here: Data | undefined = data;
  for (const part of partsOf(pointer)) {
    if (Array.isArray(here)) here = here[Number(part)];
    else if (typeof here === 'object' && here !== null) here = here[part];
    else return undefined;
  }
  return here;
}

/** Place of the value at a pointer: through its container, which knows where its values stand. */
function placeAt(data: Data, pointer: string, whole: Place): Place {
  const parts = partsOf(pointer);
  const last = parts.pop();
  if (last === undefined) return whole;
  const container = at(
    data,
    parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
  );
  return (
    (typeof container === 'object' && container !== null ? placeOf(container, last) : undefined) ??
    whole
  );
}

function describe(
  name: SchemaName,
  error: ValidationError,
  data: Data,
  report: Report,
  whole: Place,
): void {
  const place = placeAt(data, error.instancePath, whole);
  const here = partsOf(error.instancePath).at(-1);
  const what =
    here === undefined ? `the ${name}` : /^[0-9]+$/.test(here) ? `entry ${Number(here) + 1}` : here;
  const value = at(data, error.instancePath);
  const { hint, keys, kinds } = explain(`${name}.schema.json`, data, partsOf(error.instancePath));
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const key = String(error.params['additionalProperty'] ?? error.params['unevaluatedProperty']);
      const container = isContainer(value) ? (value as object) : undefined;
      const at = (container && placeOf(container, key, 'key')) ?? place;
      report.error(
        'DB201',
        at,
        `unknown key "${key}"${keys.includes(key) ? '' : didYouMean(key, keys)}`,
        unknownHint(name, key, keys),
      );
      return;
    }
    case 'required':
      report.error(
        'DB202',
        place,
        `${what} needs "${String(error.params['missingProperty'])}"`,
        hint,
      );
      return;
    case 'const':
    case 'enum':
    case 'discriminator':
      return describeChoice(error, data, report, whole, hint, kinds);
    case 'minItems':
    case 'maxItems':
    case 'minLength':
    case 'maxLength':
    case 'minProperties':
    case 'maxProperties':
      report.error('DB205', place, `${what} ${error.message ?? 'has the wrong length'}`, hint);
      return;
    default:
      report.error('DB203', place, `${what}: ${shown(value)} does not belong here`, hint);
  }
}

function unknownHint(name: SchemaName, key: string, keys: readonly string[]): string {
  // The schemas are read where they lie, the validators are built in.
  if (keys.includes(key))
    return 'the schemas know it, this build does not: it is older than they are; npm run build';
  // { why: it is late, and lost }
  if (key.includes(' ')) return 'inside { } a comma ends a text that is not in quotes';
  const elsewhere = didYouMean(key, keys) === '' ? placesOf(`${name}.schema.json`, key) : [];
  const places = elsewhere.map((way) => (way === '' ? `at the top of the ${name}` : `in ${way}`));
  const where = places.length > 0 ? `it belongs ${places.join(' or ')}; ` : '';
  return `${where}known here: ${keys.join(', ')}`;
}

function describeChoice(
  error: ValidationError,
  data: Data,
  report: Report,
  whole: Place,
  hint: string | undefined,
  kinds: readonly string[],
): void {
  if (error.keyword !== 'discriminator') {
    const place = placeAt(data, error.instancePath, whole);
    const allowed = [error.params['allowedValues'] ?? error.params['allowedValue']]
      .flat()
      .map(String);
    const value = at(data, error.instancePath);
    report.error(
      'DB204',
      place,
      `${shown(value)} is not one of ${allowed.join(', ')}${didYouMean(String(value), allowed)}`,
      hint,
    );
    return;
  }
  const tag = String(error.params['tag']);
  const container = at(data, error.instancePath);
  const place = isContainer(container) ? placeOf(container as object, tag) : undefined;
  const allowed = kinds;
  const value = String(error.params['tagValue']);
  const near = didYouMean(value, allowed);
  report.error(
    error.params['tagValue'] === undefined ? 'DB202' : 'DB204',
    place ?? placeAt(data, error.instancePath, whole),
    error.params['tagValue'] === undefined
      ? `needs "${tag}": one of ${allowed.join(', ')}`
      : `${tag} "${value}" is not one of ${allowed.join(', ')}${near}`,
    hint,
  );
}

function shown(value: Data | undefined): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  if (value === null || value === undefined) return 'nothing';
  const text = String(value);
  return `"${text.length > 40 ? `${text.slice(0, 40)}...` : text}"`;
}
