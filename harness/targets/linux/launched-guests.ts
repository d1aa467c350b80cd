/**
 * Guests of QEMU as the target uses them: the machine of a plan, what was said, and how a guest
 * failed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from './agent.ts';
import { bdfOf } from './bdf.ts';
import { GuestError, type Guest, type GuestImage, type Slots } from './guest.ts';
import type { GuestMaker, RunningGuest } from './guest-port.ts';
import type { CasePlan } from './plan.ts';
import { QUEUE_PROBES } from './probes.ts';
import { inQemu } from './support.ts';
import { releaseOf } from './image/image-header.ts';
import { launch } from './qemu/launch.ts';
import { isVfio } from './containers.ts';
import { Follower } from './qemu/logs.ts';
import { machineOf, type QemuDevice, type QemuMachine } from './qemu/machine.ts';

/** IPv6 would make a network device send by itself. */
export const COMMAND_LINE = 'ipv6.disable=1';

export interface GuestOptions {
  readonly image: GuestImage;
  /**
   * Where the logs of guests are kept; in the folder for temporary files, and only of those that
   * fail, unless given.
   */
  readonly keep?: string;
  readonly signal?: AbortSignal;
  readonly bootMs?: number;
}

export function launchedGuests({ image, keep, signal, bootMs }: GuestOptions): GuestMaker {
  return {
    release: releaseOf(image.kernel),
    place: inQemu(image.pageSize ?? 4096),
    key: (plan) => machineKey(machineFor(plan).machine),
    keepers: keepersFor,
    boot: async (plan) => {
      const booting = launch({
        image,
        machine: machineFor(plan).machine,
        append: COMMAND_LINE,
        ...(bootMs === undefined ? {} : { bootMs }),
        ...(keep === undefined ? {} : { keep: true, logs: join(keep, 'guests') }),
        ...(signal === undefined ? {} : { signal }),
      });
      return new Recorded(await telling(booting));
    },
  };
}

/** Most cases need no more; with as many in every machine they share guests. */
const FEWEST_KEEPERS = 2;

/** A keeper for every unmanaged domain, so that cases of one topology share a guest. */
export function machineFor(plan: CasePlan): {
  machine: QemuMachine;
  spares: readonly QemuDevice[];
} {
  const { domains } = plan.topology;
  const keepers = Object.values(domains).filter(
    (domain) => domain.kind === 'unmanaged' && !isVfio(domain),
  ).length;
  const spares = Object.keys(plan.topology.iommus).length > 0 ? FEWEST_KEEPERS : 0;
  const made = machineOf(plan.topology, plan.recipes, Math.max(spares, keepers));
  if ('refused' in made) throw new Error(made.refused);
  return made;
}

export const keepersFor = (plan: CasePlan): readonly string[] =>
  machineFor(plan).spares.map(({ slot }) => bdfOf(slot << 3));

/** Names are for people; machines are the same without them. */
export const machineKey = (machine: QemuMachine): string =>
  JSON.stringify({
    ...machine,
    devices: machine.devices.map((device) => ({ ...device, name: '' })),
  });

export class Recorded implements RunningGuest {
  readonly seesHardware: boolean;
  readonly isProbed: boolean;
  readonly transcript: string[] = [];
  readonly command: string;
  private readonly guest: Guest;
  private readonly follower: Follower;

  constructor(guest: Guest, seesHardware = true) {
    this.guest = guest;
    this.seesHardware = seesHardware;
    // A board's log is all that there is to compare with: it stands for itself.
    this.isProbed = seesHardware && QUEUE_PROBES.every((name) => !guest.refusedProbes.has(name));
    this.command = readFileSync(guest.logs.command, 'latin1').trimEnd();
    this.follower = new Follower(guest.logs.console);
  }

  get slots(): Slots | undefined {
    const { slots } = this.guest;
    if (slots === undefined) return undefined;
    return {
      has: (bdf) => slots.has(bdf),
      eject: (bdf) => {
        this.transcript.push(`M device_del ${bdf}`);
        return slots.eject(bdf);
      },
      insert: (bdf) => {
        this.transcript.push(`M device_add ${bdf}`);
        return slots.insert(bdf);
      },
    };
  }

  console(): readonly string[] {
    return this.follower.lines();
  }

  async request(command: string): Promise<Answer> {
    const asked = `> ${command}`;
    const answer = await telling(this.guest.request(command)).catch((error: unknown) => {
      this.transcript.push(asked);
      throw error;
    });
    const { lines, errno, text } = answer;
    // At once: others were sent ahead, and each is to stand with its answer.
    this.transcript.push(
      asked,
      ...lines.map((line) => `  | ${line}`),
      errno === 0 ? `  ok ${text}`.trimEnd() : `  err ${errno} ${text}`,
    );
    return answer;
  }

  async hardware(): Promise<readonly string[]> {
    const lines = await telling(this.guest.hardware());
    for (const line of lines) this.transcript.push(`Q ${line}`);
    return lines;
  }

  async kernelLog(): Promise<readonly string[]> {
    return (await this.request('klog')).lines;
  }

  close(): Promise<void> {
    return this.guest.close();
  }
}

const telling = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw told(error);
  });

/** With the end of the console and the place of the logs: all that is left of the guest. */
export function told(error: unknown): Error {
  if (!(error instanceof GuestError))
    return error instanceof Error ? error : new Error(String(error));
  const tail = error.tail.slice(-8).map((line) => `\n  console: ${line}`);
  const logs = error.failure === 'interrupted' ? '' : `\n  logs: ${error.folder}`;
  return new Error(`${error.message}${logs}${tail.join('')}`);
}
