/**
 * Every event of each case in the Trace Event Format, which Perfetto (ui.perfetto.dev) and
 * chrome://tracing read:
 * https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUnn5OOQtYMH4h6I0nSsKchNAySU.
 *
 * docs/traces.md tells what is seen. A case is a process; each CPU, device and block of hardware in
 * it is a thread. The model has no time, only order: an event takes a microsecond, and the next
 * begins when it ends. A case begins where the one before ended, so that all of a run can be looked
 * at together. An arrow leads from a device's MSI to the interrupt.
 */
import type { TraceEvent } from '../../src/observation.ts';
import type { Reporter, RunEvent, StepResult } from '../run/events.ts';
import type { Output } from './output.ts';
import { printable } from './style.ts';

/** Of the format: ph X complete, M metadata, s and f ends of an arrow. Times are microseconds. */
interface Slice {
  readonly name: string;
  readonly cat: string;
  readonly ph: 'X' | 'M' | 's' | 'f';
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly id?: number;
  readonly bp?: 'e';
  readonly args?: Readonly<Record<string, string | number>>;
}

/** The spec's steps come first, then what the kernel does, then the rest as it appears. */
const STEPS = 1;
const KERNEL = 2;

export function traceReporter(output: Output): Reporter {
  const writer = new TraceWriter(output);
  return {
    on(event: RunEvent): void {
      if (event.type === 'run-start') writer.begin();
      else if (event.type === 'case-start') writer.case(event.case.id);
      else if (event.type === 'step') writer.step(event.result);
      else if (event.type === 'run-end') writer.end();
    },
    async close() {},
  };
}

class TraceWriter {
  private readonly output: Output;
  private first = true;
  private now = 0;
  private pid = 0;
  private arrows = 0;
  private threads = new Map<string, number>();

  constructor(output: Output) {
    this.output = output;
  }

  begin(): void {
    this.output.write('{"displayTimeUnit":"ns","traceEvents":[\n');
  }

  end(): void {
    this.output.write('\n]}\n');
  }

  case(id: string): void {
    this.pid++;
    this.threads = new Map([
      ['steps', STEPS],
      ['kernel', KERNEL],
    ]);
    this.name('process_name', 0, id);
    for (const [thread, tid] of this.threads) this.name('thread_name', tid, thread);
  }

  step({ step, index, error, trace }: StepResult): void {
    const start = this.now;
    /** Where the newest MSI write of a vector is, until its interrupt comes. */
    const sent = new Map<string, { readonly tid: number; readonly ts: number }>();
    for (const event of trace) this.event(event, sent);
    // An operation that leaves nothing in the log is a step all the same.
    this.now = Math.max(this.now, start + 1);
    this.write({
      name: printable(step.label),
      cat: 'step',
      ph: 'X',
      pid: this.pid,
      tid: STEPS,
      ts: start,
      dur: this.now - start,
      args: { step: index + 1, line: step.place.line, ...(error === undefined ? {} : { error }) },
    });
  }

  private event(
    event: TraceEvent,
    sent: Map<string, { readonly tid: number; readonly ts: number }>,
  ): void {
    const tid = this.thread(trackOf(event));
    const ts = this.now++;
    const where = { pid: this.pid, tid, ts };
    this.write({
      name: printable(event.text),
      cat: event.kind,
      ph: 'X',
      ...where,
      dur: 1,
      args: { who: event.who },
    });
    const vector = /^MSI (\S+):|: (\S+)$/.exec(event.text);
    if (event.kind === 'write' && vector?.[1] !== undefined) sent.set(vector[1], { tid, ts });
    if (event.kind !== 'interrupt' || vector?.[2] === undefined) return;
    const from = sent.get(vector[2]);
    if (from === undefined) return;
    sent.delete(vector[2]);
    const arrow = { name: `MSI ${vector[2]}`, cat: 'msi', pid: this.pid, id: ++this.arrows };
    this.write({ ...arrow, ph: 's', ...from });
    this.write({ ...arrow, ph: 'f', bp: 'e', tid, ts });
  }

  private thread(name: string): number {
    let tid = this.threads.get(name);
    if (tid === undefined) {
      tid = this.threads.size + 1;
      this.threads.set(name, tid);
      this.name('thread_name', tid, name);
    }
    return tid;
  }

  private name(what: 'process_name' | 'thread_name', tid: number, name: string): void {
    const args = { name: printable(name) };
    this.write({ name: what, cat: '__metadata', ph: 'M', pid: this.pid, tid, ts: 0, args });
    if (tid === 0) return;
    // In the order in which they are written here, not by name.
    const order = { sort_index: tid };
    this.write({
      name: 'thread_sort_index',
      cat: '__metadata',
      ph: 'M',
      pid: this.pid,
      tid,
      ts: 0,
      args: order,
    });
  }

  private write(slice: Slice): void {
    this.output.write(`${this.first ? '' : ',\n'}${JSON.stringify(slice)}`);
    this.first = false;
  }
}

/** The CPU, device or block that an event is of. */
function trackOf({ kind, who }: TraceEvent): string {
  switch (kind) {
    case 'step':
      return 'kernel';
    case 'write':
    case 'lost':
      return `device ${who.split('/')[0]}`;
    case 'map':
    case 'unmap':
    case 'ref':
      return `IOMMU domain ${who}`;
    case 'fault':
      return 'IOMMU faults';
    case 'command':
      return `commands ${who}`;
    case 'interrupt':
      return who;
  }
}
