/** Debian's kernels by the name that people call them; the newest of each that apt has. */
import { ImageProblem } from './problem.ts';

export const KERNEL_NAMES = ['6.1', '6.12'] as const;
export type KernelName = (typeof KERNEL_NAMES)[number];

/** Plain images: no -cloud, -rt, -16k; no meta-package, which has no version after its own. */
const PATTERN: Readonly<Record<KernelName, RegExp>> = {
  '6.1': /^linux-image-6\.1\.0-(\d+)-arm64$/,
  '6.12': /^linux-image-6\.12\.(\d+)\+deb\d+-arm64$/,
};

export const isKernelName = (name: string): name is KernelName =>
  (KERNEL_NAMES as readonly string[]).includes(name);

export function newest(name: KernelName, packages: readonly string[]): string {
  const numbered = packages.flatMap((each) => {
    const number = PATTERN[name].exec(each)?.[1];
    return number === undefined ? [] : [{ each, number: Number(number) }];
  });
  const last = numbered.sort((a, b) => a.number - b.number).at(-1);
  if (last === undefined)
    throw new ImageProblem(
      `apt has no arm64 kernel ${name}`,
      'Debian 12 has 6.1, and 6.12 in bookworm-security; or give --kernel and --modules',
    );
  return last.each;
}
