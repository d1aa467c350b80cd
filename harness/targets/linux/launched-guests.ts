/** Guests of QEMU as the target uses them: the machine of a plan, what was said, and how a guest failed. */
import type { Answer } from './agent.ts';
import { bdfOf } from './bdf.ts';
import { GuestError, type Guest, type GuestImage } from './guest.ts';
import type { GuestMaker, RunningGuest } from './guest-port.ts';
import type { CasePlan } from './plan.ts';
import { inQemu } from './support.ts';
import { releaseOf } from './image/image-header.ts';
import { launch } from './qemu/launch.ts';
import { isVfio } from './containers.ts';
import { machineOf, type QemuDevice, type QemuMachine } from './qemu/machine.ts';

/** BARs can be reached whoever has them; IPv6 would make a network device send by itself. */
const COMMAND_LINE = 'iomem=relaxed ipv6.disable=1';

export interface GuestOptions {
  readonly image: GuestImage;
  readonly keep: boolean;
  readonly signal?: AbortSignal;
}

export function launchedGuests({ image, keep, signal }: GuestOptions): GuestMaker {
  return {
    release: releaseOf(image.kernel),
    place: inQemu(image.pageSize ?? 4096),
    key: (plan) => JSON.stringify(machineFor(plan).machine),
    keepers: (plan) => machineFor(plan).spares.map(({ slot }) => bdfOf(slot << 3)),
    boot: async (plan) => {
      const options = { image, keep, machine: machineFor(plan).machine, append: COMMAND_LINE };
      try {
        return new Recorded(await launch({ ...options, ...(signal ? { signal } : {}) }));
      } catch (error) {
        throw told(error);
      }
    },
  };
}

/** A keeper for every unmanaged domain, so that cases of one topology share a guest. */
function machineFor(plan: CasePlan): { machine: QemuMachine; spares: readonly QemuDevice[] } {
  const { domains } = plan.topology;
  const keepers = Object.values(domains).filter(
    (domain) => domain.kind === 'unmanaged' && !isVfio(domain),
  ).length;
  const made = machineOf(plan.topology, plan.recipes, keepers);
  if ('refused' in made) throw new Error(made.refused);
  return made;
}

export class Recorded implements RunningGuest {
  readonly seesHardware: boolean;
  readonly transcript: string[] = [];
  private readonly guest: Guest;

  constructor(guest: Guest, seesHardware = true) {
    this.guest = guest;
    this.seesHardware = seesHardware;
    this.transcript.push(`# ${guest.release}, ${guest.logs.command}`);
  }

  async request(command: string): Promise<Answer> {
    this.transcript.push(`> ${command}`);
    try {
      const answer = await this.guest.request(command);
      for (const line of answer.lines) this.transcript.push(`  | ${line}`);
      const { errno, text } = answer;
      this.transcript.push(errno === 0 ? `  ok ${text}`.trimEnd() : `  err ${errno} ${text}`);
      return answer;
    } catch (error) {
      throw told(error);
    }
  }

  async hardware(): Promise<readonly string[]> {
    const lines = await this.guest.hardware();
    for (const line of lines) this.transcript.push(`Q ${line}`);
    return lines;
  }

  kernelLog(): Promise<readonly string[]> {
    return this.guest.kernelLog();
  }

  close(): Promise<void> {
    return this.guest.close();
  }
}

/** With the end of the console and the place of the logs: all that is left of the guest. */
export function told(error: unknown): Error {
  if (!(error instanceof GuestError))
    return error instanceof Error ? error : new Error(String(error));
  const tail = error.tail.slice(-8).map((line) => `\n  console: ${line}`);
  return new Error(`${error.message}${tail.join('')}\n  logs: ${error.folder}`);
}
