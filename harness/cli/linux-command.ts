/** `doorbell linux setup`, `doctor` and `boot`. */
import { EXIT, SIGNAL_EXIT, isSignalName } from '../run/exit-codes.ts';
import { GuestError, type GuestImage } from '../targets/linux/guest.ts';
import { cacheFolder, removePartials } from '../targets/linux/image/cache.ts';
import { needs, remedy } from '../targets/linux/image/doctor.ts';
import { KERNEL_NAMES } from '../targets/linux/image/kernels.ts';
import { prepareImage } from '../targets/linux/image/prepare.ts';
import { ImageProblem } from '../targets/linux/image/problem.ts';
import { endAll } from '../targets/linux/processes.ts';
import { commandLine, shellText } from '../targets/linux/qemu/command-line.ts';
import { COMMAND_LINE } from '../targets/linux/launched-guests.ts';
import { launch } from '../targets/linux/qemu/launch.ts';
import { type QemuMachine, refusal } from '../targets/linux/qemu/machine.ts';
import { machinesOf } from './linux-machines.ts';
import { fileLoader } from './load-files.ts';
import type { LinuxActions, LinuxBootFlags, LinuxSetupFlags } from './linux-program.ts';
import { printable } from '../report/style.ts';
import { printDiagnostics } from './print.ts';
import { stopOnSignals } from './signals.ts';

/** `from`: a folder inside the package, from which the agent's source is found. */
export const linuxActions = (from: string): LinuxActions => ({
  setup: (flags) => setup(flags, from),
  doctor: () => doctor(),
  boot: (flags) => boot(flags, from),
});

const say = (line: string): void => console.log(line);
const isRoot = (): boolean => process.getuid?.() === 0;

async function setup(flags: LinuxSetupFlags, from: string): Promise<number> {
  const kernels = flags.kernel.length === 0 ? KERNEL_NAMES : flags.kernel;
  const stop = endOnSignals(() => removePartials(cacheFolder(), process.pid));
  return guarded(flags.color, async () => {
    for (const kernel of kernels) {
      const image = await prepareImage({ kernel, from, say, ...modulesOf(flags) });
      say(`kernel     ${kernel}  ${image.kernel}`);
      say(`           ${image.initramfs}`);
    }
    return EXIT.passed;
  }).finally(stop);
}

/** Nothing half made is left behind, and nothing goes on that was begun. */
function endOnSignals(tidy: () => void): () => void {
  const signals = stopOnSignals();
  const { signal } = signals;
  signal.addEventListener('abort', () => {
    endAll();
    tidy();
    const reason: unknown = signal.reason;
    process.exit(isSignalName(reason) ? SIGNAL_EXIT[reason] : EXIT.target);
  });
  return () => signals.dispose();
}

async function doctor(): Promise<number> {
  const list = await needs(cacheFolder());
  for (const { what, found, text } of list)
    say(`${found ? 'ok     ' : 'missing'}  ${what.padEnd(24)} ${text}`);
  const command = remedy(list, isRoot());
  if (command === undefined) return EXIT.passed;
  say(`\n  ${command}`);
  return EXIT.target;
}

/** A machine, and what is said before it. */
interface Wanted {
  readonly machine: QemuMachine;
  readonly titles: readonly string[];
}

async function boot(flags: LinuxBootFlags, from: string): Promise<number> {
  const asked = flags.spec === undefined ? machineAsked(flags) : undefined;
  const why = asked === undefined ? undefined : refusal(asked);
  if (why !== undefined) return refuse(why, flags.color);
  return guarded(flags.color, async () => {
    const image = await prepareImage({
      kernel: flags.kernel,
      from,
      say,
      offline: flags.dryRun,
      ...modulesOf(flags),
    });
    const wanted = asked === undefined ? ofSpec(flags, image) : [{ machine: asked, titles: [] }];
    if (wanted === undefined) return EXIT.usage;
    if (wanted.length === 0) return EXIT.nothing;
    for (const { machine, titles } of wanted) {
      for (const title of titles) say(title);
      const code = flags.dryRun ? show(flags, image, machine) : await tryOut(flags, image, machine);
      if (code !== EXIT.passed) return code;
    }
    return EXIT.passed;
  });
}

const machineAsked = ({ cpus, msi, smmu, device }: LinuxBootFlags): QemuMachine => ({
  cpus,
  msi,
  smmu,
  ports: [],
  devices: device,
});

/** Undefined when the spec is in error, which was said. */
function ofSpec(flags: LinuxBootFlags, image: GuestImage): readonly Wanted[] | undefined {
  const { cases, diagnostics } = fileLoader(process.cwd())(flags.spec ?? '');
  printDiagnostics(diagnostics, flags.color);
  if (diagnostics.some(({ severity }) => severity === 'error')) return undefined;
  const { machines, skipped } = machinesOf(cases, image);
  for (const { id, why } of skipped) say(`# SKIP ${id}  (${why})`);
  return machines.map((each) => ({
    machine: each.machine,
    titles: each.cases.map((id) => `# ${id}`),
  }));
}

const appendOf = ({ append, spec }: LinuxBootFlags): { readonly append?: string } => {
  const all = [
    ...(spec === undefined ? [] : [COMMAND_LINE]),
    ...(append === undefined ? [] : [append]),
  ];
  return all.length === 0 ? {} : { append: all.join(' ') };
};

function show(flags: LinuxBootFlags, image: GuestImage, machine: QemuMachine): number {
  const tree = machine.spis === undefined ? {} : { tree: 'tree.dtb' };
  const files = { console: 'console', trace: 'trace', ...tree };
  say(shellText(commandLine({ image, machine, ...files, ...appendOf(flags) })));
  return EXIT.passed;
}

async function tryOut(
  flags: LinuxBootFlags,
  image: GuestImage,
  machine: QemuMachine,
): Promise<number> {
  const signals = stopOnSignals();
  try {
    const start = performance.now();
    const { keep } = flags;
    const guest = await launch({
      image,
      machine,
      keep,
      signal: signals.signal,
      ...appendOf(flags),
    });
    const seconds = ((performance.now() - start) / 1000).toFixed(2);
    say(`${guest.release}, ${guest.cpus} CPUs, pages of ${guest.pageSize}, after ${seconds} s`);
    for (const [name, errno] of guest.refusedProbes) say(`without ${name} (errno ${errno})`);
    if (flags.keep) say(`logs in ${guest.logs.folder}`);
    await guest.close();
    return EXIT.passed;
  } catch (error) {
    const reason: unknown = signals.signal.reason;
    if (isSignalName(reason)) return SIGNAL_EXIT[reason];
    throw error;
  } finally {
    signals.dispose();
  }
}

const modulesOf = ({ modules }: { readonly modules?: string }) =>
  modules === undefined ? {} : { modules };

/** What is wrong with the environment or the guest is said; the rest is a bug of ours. */
async function guarded(color: boolean, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ImageProblem) {
      const { message, hint } = error;
      const more = hint === undefined ? {} : { hint };
      printDiagnostics([{ code: 'DB711', severity: 'error', message, ...more }], color);
      return EXIT.target;
    }
    if (error instanceof GuestError) {
      const message = `${error.message} (${error.failure})`;
      const hint = `the logs are in ${error.folder}`;
      printDiagnostics([{ code: 'DB712', severity: 'error', message, hint }], color);
      for (const line of error.tail) console.error(`  console: ${printable(line)}`);
      return EXIT.target;
    }
    throw error;
  }
}

function refuse(message: string, color: boolean): number {
  printDiagnostics([{ code: 'DB713', severity: 'error', message }], color);
  return EXIT.usage;
}
