/** `kernel:` and `changes:` of a spec: the versions it runs, and what a case's kernel is. */
import { compareVersions } from '../../src/kernel/changes/change.ts';
import {
  behaviourOf,
  CHANGE_IDS,
  type ChangeId,
  designOf,
  type KernelChoice,
  type LinuxDesign,
} from '../../src/kernel/changes/changes.ts';
import type { Values } from './expand.ts';
import type { Reader } from './reader.ts';
import type { Data, DataMap } from './data.ts';

/** The axis of the matrix that says which kernel a case runs. */
export const KERNEL = 'kernel';

const VERSION = /^[0-9]{1,2}\.[0-9]{1,3}(\.[0-9]{1,4})?$/;
/** The year the table begins with; nobody mapped a doorbell before. */
export const OLDEST = '4.5';

/** The matrix with the kernel's versions as its first axis. */
export function withKernelAxis(spec: DataMap, read: Reader): Record<string, Data[]> {
  const matrix = (spec['matrix'] ?? {}) as Record<string, Data[]>;
  const own = spec[KERNEL];
  if (own !== undefined && Object.hasOwn(matrix, KERNEL)) {
    read.error(
      'DB306',
      spec,
      KERNEL,
      'kernel and matrix.kernel exclude each other',
      undefined,
      'key',
    );
    return matrix;
  }
  const versions = own === undefined ? matrix[KERNEL] : Array.isArray(own) ? own : [own];
  if (versions === undefined) return matrix;
  for (const [i, version] of versions.entries()) {
    const [container, key] = Array.isArray(own ?? versions) ? [own ?? versions, i] : [spec, KERNEL];
    checkVersion(container as object, key, version, read);
  }
  return { [KERNEL]: versions, ...matrix };
}

function checkVersion(container: object, key: string | number, version: Data, read: Reader): void {
  const problem = versionProblem(String(version));
  if (typeof version !== 'string' || problem === 'form') {
    read.error(
      'DB203',
      container,
      key,
      `"${String(version)}" is no kernel version`,
      'kernel: 6.12',
    );
  } else if (problem === 'too-old') {
    read.error(
      'DB303',
      container,
      key,
      `Linux ${version}: the table of changes begins at ${OLDEST}`,
    );
  }
}

/** Why a text does not name a kernel that the table of changes knows of. */
export function versionProblem(version: string): 'form' | 'too-old' | undefined {
  if (!VERSION.test(version)) return 'form';
  return compareVersions(version, OLDEST) < 0 ? 'too-old' : undefined;
}

/** The kernel of a case, or nothing where the spec names neither version nor change. */
export function kernelOf(spec: DataMap, point: Values, read: Reader): KernelChoice | undefined {
  const version = point[KERNEL];
  const written = spec['changes'] as DataMap | undefined;
  if (version === undefined && written === undefined) return undefined;
  const switches: Partial<Record<ChangeId, boolean>> = {};
  for (const id of Object.keys(written ?? {})) {
    const known = read.name(written as object, id, id, 'change', CHANGE_IDS, 'key');
    const word = read.word(written as DataMap, id, ['on', 'off'], 'on');
    if (known !== undefined) switches[known as ChangeId] = word === 'on';
  }
  return { ...(typeof version === 'string' ? { version } : {}), switches };
}

export const impliedDesign = (kernel: KernelChoice): LinuxDesign => designOf(behaviourOf(kernel));

/** A Linux design of another release than the case's kernel. */
export function checkDesign(
  spec: DataMap,
  index: number,
  name: string,
  kernel: KernelChoice | undefined,
  read: Reader,
): void {
  if (kernel?.version === undefined || !(name === 'unmapped' || name.startsWith('linux-'))) return;
  const implied = impliedDesign(kernel);
  if (implied === name) return;
  const list = spec['designs'] as unknown as object;
  const message = `Linux ${kernel.version} has the design ${implied}, not ${name}`;
  read.error('DB306', list, index, message, 'leave designs out: the kernel implies it');
}
