/** The options of `doorbell linux ...`. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { QEMU_DEVICES, type QemuDevice } from '../targets/linux/qemu/machine.ts';

export interface LinuxSetupFlags {
  readonly kernel: readonly string[];
  readonly modules?: string;
  readonly color: boolean;
}

export interface LinuxDoctorFlags {
  readonly color: boolean;
}

export interface LinuxBootFlags {
  readonly kernel: string;
  readonly modules?: string;
  readonly msi: 'its' | 'gicv2m';
  readonly smmu: boolean;
  readonly cpus: number;
  readonly device: readonly QemuDevice[];
  readonly append?: string;
  readonly keep: boolean;
  readonly dryRun: boolean;
  readonly spec?: string;
  readonly color: boolean;
}

export interface LinuxActions {
  setup(flags: LinuxSetupFlags): Promise<number>;
  doctor(flags: LinuxDoctorFlags): Promise<number>;
  boot(flags: LinuxBootFlags): Promise<number>;
}

const MODULES = 'the folder of its .ko files';
const NO_COLOUR = ['--no-color', 'no colour (as does NO_COLOR)'] as const;

export function addLinux(
  program: Command,
  actions: () => Promise<LinuxActions>,
  finish: (code: number) => void,
): void {
  const linux = program
    .command('linux')
    .description('prepare and try the kernels that --target linux boots');

  linux
    .command('setup')
    .description("prepare kernels: Debian's by name, or any by its path; nothing is installed")
    .option('--kernel <name|Image>', '6.1, 6.12 or a path (several times; default: both)', each, [])
    .option('--modules <folder>', MODULES)
    .option(...NO_COLOUR)
    .action(async (flags: LinuxSetupFlags) => finish(await (await actions()).setup(flags)));

  linux
    .command('doctor')
    .description('say what is missing, and the command that installs it')
    .option(...NO_COLOUR)
    .action(async (flags: LinuxDoctorFlags) => finish(await (await actions()).doctor(flags)));

  linux
    .command('boot')
    .description('boot a guest to the agent, say how long it took, and end it')
    .option('--kernel <name|Image>', '6.1, 6.12 or a path', '6.12')
    .option('--modules <folder>', MODULES)
    .addOption(new Option('--msi <controller>').choices(['its', 'gicv2m']).default('its'))
    .option('--no-smmu', 'without an SMMU')
    .option('--cpus <n>', '1 to 8', cpus, 2)
    .option('--device <kind@slot[:vectors]>', `${QEMU_DEVICES.join(', ')}: rocker@4:16`, device, [])
    .option('--spec <file>', 'the machines of its cases, as --target linux boots them')
    .option('--append <text>', "added to the kernel's command line")
    .option('--keep', 'keep the logs', false)
    .option('--dry-run', "print QEMU's command line and end", false)
    .option(...NO_COLOUR)
    .action(async (flags: LinuxBootFlags) => finish(await (await actions()).boot(flags)));
}

const each = (value: string, before: readonly string[]): readonly string[] => [...before, value];

function cpus(text: string): number {
  if (/^[1-8]$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A number from 1 to 8.');
}

function device(text: string, before: readonly QemuDevice[]): readonly QemuDevice[] {
  const match = /^([\w-]+)@(\d+)(?::(\d+))?$/.exec(text);
  const kind = QEMU_DEVICES.find((known) => known === match?.[1]);
  if (match === null || kind === undefined)
    throw new InvalidArgumentError(
      `A device is ${QEMU_DEVICES.join(', ')}, @ and a slot: rocker@4.`,
    );
  const vectors = match[3] === undefined ? {} : { vectors: Number(match[3]) };
  return [...before, { name: `${kind}${match[2]}`, kind, slot: Number(match[2]), ...vectors }];
}
