/**
 * Snapshots of specs' cases, on demand: `globals: { doorbell: { snapshots: true } }` in Jest's
 * configuration, or tags of the specs that are to have one. Jest keeps them in `__snapshots__`
 * beside the spec, writes them with -u, and tells those that are obsolete.
 */
import type { Case } from '../spec/case.ts';
import { didYouMean } from '../spec/report.ts';
import { observationsOf, serializer } from './observations.ts';

/** Jest's expect as far as it is used here. */
interface Expecting {
  (value: unknown): { toMatchSnapshot(): void };
  addSnapshotSerializer(with_: typeof serializer): void;
  getState(): { readonly suppressedErrors: readonly Error[] };
  setState(state: { readonly suppressedErrors: Error[] }): void;
}

/** What the configuration says; a misspelt word of it would be a snapshot that nobody compares. */
export function isWanted(spec: Case, settings: unknown): boolean {
  if (settings === undefined) return false;
  if (typeof settings !== 'object' || settings === null)
    throw new Error('globals.doorbell of the Jest configuration is no object');
  const { snapshots = false, ...unknown } = settings as Readonly<Record<string, unknown>>;
  const [other] = Object.keys(unknown);
  if (other !== undefined)
    throw new Error(
      `globals.doorbell of the Jest configuration: unknown key "${other}"${didYouMean(other, ['snapshots'])}`,
    );
  if (typeof snapshots === 'boolean') return snapshots;
  // An array of Jest's own realm.
  if (Array.isArray(snapshots)) return spec.tags.some((tag) => snapshots.includes(tag));
  throw new Error('globals.doorbell.snapshots is neither true, false nor a list of tags');
}

/**
 * Compares what the case lets be seen with its snapshot. What Jest says where it is not the same.
 */
export async function differenceOf(spec: Case, expecting: Expecting): Promise<string | undefined> {
  expecting.addSnapshotSerializer(serializer);
  const observations = await observationsOf(spec);
  // Jest keeps the failure of a snapshot for the end of the test, with a stack that ends here.
  const before = [...expecting.getState().suppressedErrors];
  expecting(observations).toMatchSnapshot();
  const [error] = expecting.getState().suppressedErrors.slice(before.length);
  expecting.setState({ suppressedErrors: before });
  return error?.message;
}
