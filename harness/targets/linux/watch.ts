/**
 * What happened during one request or operation: everything that the kernel and QEMU told since the
 * last look, read until both say the same.
 */
import type { Agent } from './agent.ts';
import { type InterruptLine, parseInterrupts } from './read/interrupts.ts';
import { eventOf, firstCry, parseSmmuEvents, type SmmuEvent } from './read/kernel-log.ts';
import { type HardwareEvent, parseHardwareEvent } from './read/qemu-trace.ts';
import { type KernelEvent, lostEvents, parseTraceLine } from './read/trace-line.ts';

export interface Hardware {
  readonly events: readonly HardwareEvent[];
  /** As they came, for the trace of the case. */
  readonly lines: readonly string[];
}

const NOTHING: Hardware = { events: [], lines: [] };

/** The event thread of the SMMU driver has been woken when QEMU records; it prints soon after. */
const FAULT_PATIENCE_MS = 500;
const POLL_MS = 5;

/**
 * The records that the SMMU's driver took out of its event queue. Where one is put is known when it
 * is asked for, what it is once another is asked for (it always is, until there is none).
 */
class EventQueue {
  readonly events: SmmuEvent[] = [];
  private got = false;

  /** True when the event was about the queue. */
  take(event: KernelEvent): boolean {
    if (event.kind === 'event-got') this.got = event.got;
    else if (event.kind === 'event-asked') {
      if (this.got) this.events.push(eventOf(event.words));
      this.got = false;
    } else return false;
    return true;
  }
}

function refuseCry(log: readonly string[]): void {
  const cry = firstCry(log);
  if (cry !== undefined) throw new Error(`the kernel cries: ${cry}`);
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

export class Watch {
  private readonly agent: Agent;
  /** Ascending. */
  private online: readonly number[];
  private log: string[] = [];
  /** Kernel events that were read while looking for faults; and the faults among what was read. */
  private events: KernelEvent[] = [];
  private readonly queue = new EventQueue();
  private early = NOTHING;
  /** As they were last read. */
  latest: readonly InterruptLine[] = [];

  constructor(agent: Agent, cpus: number) {
    this.agent = agent;
    this.online = Array.from({ length: cpus }, (_, cpu) => cpu);
  }

  isOnline(cpu: number): boolean {
    return this.online.includes(cpu);
  }

  setOnline(cpu: number, isOnline: boolean): void {
    const others = this.online.filter((each) => each !== cpu);
    this.online = isOnline ? [...others, cpu].sort((a, b) => a - b) : others;
  }

  /**
   * Empties the buffers: what is in them is of another case. The answer is the interrupts as they
   * are.
   */
  async begin(): Promise<readonly InterruptLine[]> {
    const [, log, interrupts] = await Promise.all([
      this.agent.trace(),
      this.agent.channel.kernelLog(),
      this.interrupts(),
    ]);
    refuseCry(log);
    return interrupts;
  }

  /** Kernel events alone, to be told apart by the request that caused them. */
  async kernelEvents(): Promise<readonly KernelEvent[]> {
    const events = await this.readEvents();
    return [...this.events.splice(0), ...events];
  }

  private async readEvents(): Promise<readonly KernelEvent[]> {
    const lines = await this.agent.trace();
    const lost = lines.reduce((sum, line) => sum + lostEvents(line), 0);
    if (lost > 0) throw new Error(`the kernel's trace buffer lost ${lost} events`);
    const all = lines.flatMap((line) => parseTraceLine(line)?.event ?? []);
    return all.filter((event) => !this.queue.take(event));
  }

  /** What the hardware did since the last call. */
  async hardware(): Promise<Hardware> {
    const { events, lines } = await this.meanwhile();
    this.early = NOTHING;
    return { events, lines };
  }

  /** The same, and it will be told again. */
  async meanwhile(): Promise<Hardware> {
    const lines = await this.agent.channel.hardware();
    this.early = {
      events: [...this.early.events, ...lines.flatMap((line) => parseHardwareEvent(line) ?? [])],
      lines: [...this.early.lines, ...lines],
    };
    return this.early;
  }

  /** Kept until faults are looked for. */
  async kernelLog(): Promise<void> {
    const log = await this.agent.channel.kernelLog();
    refuseCry(log);
    this.log.push(...log);
  }

  /**
   * SMMU events since the last look, as many as QEMU recorded: as the driver took them, and those
   * that it logged. By the time that it asks for another record it has logged the one before, or
   * will not.
   */
  async faults(recorded: number): Promise<{
    readonly taken: readonly SmmuEvent[] | undefined;
    readonly logged: readonly SmmuEvent[];
  }> {
    const logged: SmmuEvent[] = [];
    const { isProbed } = this.agent.channel;
    const deadline = performance.now() + FAULT_PATIENCE_MS;
    for (;;) {
      const found = parseSmmuEvents(this.log);
      if (found.length > 0 || recorded === 0) this.log = [];
      logged.push(...found);
      const taken = this.queue.events.length;
      const enough = (isProbed ? taken : logged.length) >= recorded;
      if (enough || performance.now() > deadline) break;
      await pause(POLL_MS);
      const [events] = await Promise.all([this.readEvents(), this.kernelLog()]);
      this.events.push(...events);
    }
    return { taken: isProbed ? this.queue.events.splice(0) : undefined, logged };
  }

  async interrupts(): Promise<InterruptLine[]> {
    const lines = parseInterrupts(await this.agent.interrupts(), this.online);
    this.latest = lines;
    return lines;
  }
}
