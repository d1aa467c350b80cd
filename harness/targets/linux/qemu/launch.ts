/**
 * Boots a guest: from a machine and an image to an agent that answers, or to a `GuestError` that
 * says why not.
 */
import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { AgentStream, PROTOCOL_VERSION } from '../agent-stream.ts';
import { GuestError, type Guest, type GuestImage } from '../guest.ts';
import { setProbes } from '../probes.ts';
import { commandLine, QEMU, shellText, treeWords } from './command-line.ts';
import { FIRMWARE_PACKAGE, hasFirmware } from './firmware.ts';
import { kill, SOCKET, socketOf, start } from './living.ts';
import { addToLog, makeLogs, removeLogs, writeLog } from './logs.ts';
import { type QemuMachine, refusal } from './machine.ts';
import { QemuGuest } from './qemu-guest.ts';
import { Qmp } from './qmp.ts';
import { slotsOf } from './slots.ts';
import { writeTree } from './v2m-tree.ts';

export interface LaunchOptions {
  readonly image: GuestImage;
  readonly machine: QemuMachine;
  /**
   * From the start of QEMU to the agent's greeting. A boot takes 1.5 to 3 s here, 15 s on a busy
   * machine.
   */
  readonly bootMs?: number;
  /** For each request; the agent's own limit is 10 s. */
  readonly requestMs?: number;
  /** Where the folder of the logs is made; the system's folder for temporary files unless given. */
  readonly logs?: string;
  /** Keep the logs also when all went well. */
  readonly keep?: boolean;
  /** Ends the guest: Ctrl-C. */
  readonly signal?: AbortSignal;
  /** Added to the kernel's command line. */
  readonly append?: string;
  /** No probes and no events; for a comparison of times. */
  readonly unwatched?: boolean;
}

const BOOT_MS = 60_000;
const REQUEST_MS = 15_000;
const LEAST_DISK = 1 << 20;

export async function launch(options: LaunchOptions): Promise<Guest> {
  const { image, machine, signal } = options;
  const why = refusal(machine);
  if (why !== undefined) throw new RangeError(why);
  const logs = makeLogs(options.logs);
  const command = commandLine({
    image,
    machine,
    console: logs.console,
    trace: logs.trace,
    ...(machine.spis === undefined ? {} : { tree: join(logs.folder, 'tree.dtb') }),
    ...(options.append === undefined ? {} : { append: options.append }),
    ...(machine.ports.length === 0 ? {} : { monitor: SOCKET }),
    ...(options.unwatched === undefined ? {} : { quiet: options.unwatched }),
  });
  const { bavail, bsize } = statfsSync(logs.folder);
  if (bavail * bsize < LEAST_DISK) {
    removeLogs(logs);
    throw new GuestError('disk-full', `no room for logs in ${logs.folder}`, [], logs.folder);
  }
  if (machine.spis !== undefined) {
    try {
      const words = treeWords(image, machine);
      await writeTree(QEMU, words, machine.spis, join(logs.folder, 'tree.dtb'));
    } catch (error) {
      throw new GuestError('start', (error as Error).message, [], logs.folder);
    }
  }
  writeLog(logs.command, `${shellText(command)}\n`);
  const hasPorts = machine.ports.length > 0;
  if (hasPorts && !hasFirmware()) {
    removeLogs(logs);
    const what = `root ports need UEFI, which is not here (apt-get install ${FIRMWARE_PACKAGE})`;
    throw new GuestError('start', what, [], logs.folder);
  }
  const child = start(command, () => removeLogs(logs), hasPorts);
  const socket = socketOf(child);
  const guest: QemuGuest = new QemuGuest({
    child,
    logs,
    requestMs: options.requestMs ?? REQUEST_MS,
    keep: options.keep ?? false,
    ...(socket === undefined ? {} : { slots: slotsOf(machine, new Qmp(socket)) }),
    stream: new AgentStream({
      input: child.stdout,
      output: child.stdin,
      log: (lines) => {
        try {
          addToLog(logs.protocol, lines);
        } catch (error) {
          guest.diskFailed(error as Error);
        }
      },
    }),
  });
  const stop = (): void => guest.interrupt();
  if (signal?.aborted === true) stop();
  signal?.addEventListener('abort', stop, { once: true });
  guest.onEnd(() => signal?.removeEventListener('abort', stop));
  try {
    await guest.begin(options.bootMs ?? BOOT_MS, PROTOCOL_VERSION);
    if (options.unwatched !== true) {
      const refused = await setProbes((line) => guest.request(line));
      for (const [name, errno] of refused) guest.refuse(name, errno);
    }
    return guest;
  } catch (error) {
    kill(child);
    await guest.close();
    throw error;
  }
}
