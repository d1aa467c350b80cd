/**
 * What happened during one request or operation: everything that the kernel and QEMU told since the last
 * look, read until both say the same.
 */
import type { Agent } from './agent.ts';
import { type InterruptLine, parseInterrupts } from './read/interrupts.ts';
import { firstCry, parseSmmuEvents, type SmmuEvent } from './read/kernel-log.ts';
import { type HardwareEvent, parseHardwareEvent } from './read/qemu-trace.ts';
import { type KernelEvent, lostEvents, parseTraceLine } from './read/trace-line.ts';

export interface Seen {
  readonly kernel: readonly KernelEvent[];
  readonly hardware: readonly HardwareEvent[];
  readonly faults: readonly SmmuEvent[];
  /** The lines as they came, for the trace of the case. */
  readonly lines: readonly string[];
}

/** The event thread of the SMMU driver has been woken when QEMU records; it prints soon after. */
const FAULT_PATIENCE_MS = 500;
const POLL_MS = 5;

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

export class Watch {
  private readonly agent: Agent;
  /** Ascending. */
  private online: readonly number[];
  private log: string[] = [];

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

  /** Kernel events alone, to be told apart by the request that caused them. */
  async kernelEvents(): Promise<KernelEvent[]> {
    const lines = await this.agent.trace();
    const lost = lines.reduce((sum, line) => sum + lostEvents(line), 0);
    if (lost > 0) throw new Error(`the kernel's trace buffer lost ${lost} events`);
    return lines.flatMap((line) => parseTraceLine(line)?.event ?? []);
  }

  async hardware(): Promise<{ events: HardwareEvent[]; lines: readonly string[] }> {
    const lines = await this.agent.channel.hardware();
    return { events: lines.flatMap((line) => parseHardwareEvent(line) ?? []), lines };
  }

  /**
   * The SMMU events in the kernel's log, as many as QEMU recorded. Fewer, when the log did not say them in
   * time: it is rate limited to 10 in 5 seconds (arm_smmu_evtq_thread).
   */
  async faults(recorded: number): Promise<SmmuEvent[]> {
    const events: SmmuEvent[] = [];
    const deadline = performance.now() + FAULT_PATIENCE_MS;
    for (;;) {
      this.log.push(...(await this.agent.channel.kernelLog()));
      const cry = firstCry(this.log);
      if (cry !== undefined) throw new Error(`the kernel cries: ${cry}`);
      const found = parseSmmuEvents(this.log);
      if (found.length > 0) this.log = [];
      events.push(...found);
      if (events.length >= recorded || performance.now() > deadline) return events;
      await pause(POLL_MS);
    }
  }

  async interrupts(): Promise<InterruptLine[]> {
    return parseInterrupts(await this.agent.interrupts(), this.online);
  }
}
