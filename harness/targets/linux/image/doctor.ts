/** What is needed to run guests, what of it is here, and the one command that brings the rest. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FIRMWARE_PACKAGE, firmwarePath, hasFirmware } from '../qemu/firmware.ts';
import { runToEnd } from '../processes.ts';
import { CROSS_COMPILER } from './agent-build.ts';
import { KERNEL_NAMES } from './kernels.ts';

export interface Need {
  readonly what: string;
  readonly found: boolean;
  /** A version, or why it is needed. */
  readonly text: string;
  /** Debian packages that bring it; none: `doorbell linux setup` does. */
  readonly packages: readonly string[];
}

interface Program {
  readonly command: readonly [string, ...string[]];
  readonly why: string;
  readonly packages: readonly string[];
}

const PROGRAMS: readonly Program[] = [
  {
    command: ['qemu-system-aarch64', '--version'],
    why: 'runs the guest',
    packages: ['qemu-system-arm'],
  },
  {
    command: [CROSS_COMPILER, '--version'],
    why: 'compiles the agent',
    packages: ['gcc-aarch64-linux-gnu', 'libc6-dev-arm64-cross'],
  },
  { command: ['apt-get', '--version'], why: "fetches Debian's kernels", packages: ['apt'] },
  { command: ['dpkg-deb', '--version'], why: 'unpacks them', packages: ['dpkg'] },
  { command: ['xz', '--version'], why: 'decompresses modules', packages: ['xz-utils'] },
];

export async function needs(cache: string): Promise<readonly Need[]> {
  const programs = PROGRAMS.map(async ({ command, why, packages }): Promise<Need> => {
    const [program, ...args] = command;
    const { code, stdout } = await runToEnd(program, args, { seconds: 20 });
    const version = stdout.toString().split('\n')[0] ?? '';
    return { what: program, found: code === 0, text: code === 0 ? version : why, packages };
  });
  const firmware: Need = {
    what: 'UEFI',
    found: hasFirmware(),
    text: hasFirmware() ? firmwarePath() : 'boots machines with root ports',
    packages: [FIRMWARE_PACKAGE],
  };
  const kernels = KERNEL_NAMES.map((name): Need => {
    const found = existsSync(join(cache, 'kernels', `${name}.json`));
    return {
      what: `kernel ${name}`,
      found,
      text: found ? 'prepared' : 'not prepared',
      packages: [],
    };
  });
  return [...(await Promise.all(programs)), firmware, ...kernels];
}

/** The command, or undefined when nothing is missing. */
export function remedy(list: readonly Need[], root: boolean): string | undefined {
  const missing = list.filter(({ found }) => !found);
  if (missing.length === 0) return undefined;
  const packages = [...new Set(missing.flatMap((need) => need.packages))];
  if (packages.length === 0) return 'doorbell linux setup';
  const sudo = root ? '' : 'sudo ';
  return `${sudo}apt-get install --no-install-recommends ${packages.join(' ')}`;
}
