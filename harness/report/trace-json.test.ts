/** `--trace` against the Trace Event Format, and against what the model did. */
// eslint-disable-next-line no-restricted-imports -- the format's schema is the test's own
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from '@jest/globals';
import { ATTACH, casesOf, runAll, specText } from '../testing/samples.ts';
import { traceReporter } from './trace-json.ts';

/**
 * Of https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUnn5OOQtYMH4h6I0nSsKchNAySU, what of it is
 * used: the object form, complete events (X), metadata (M) and flow events (s, f). Perfetto wants
 * numbers for pid and tid.
 */
const whole = { type: 'integer', minimum: 0 };
const event = {
  type: 'object',
  required: ['name', 'ph', 'pid', 'tid', 'ts'],
  properties: {
    name: { type: 'string', minLength: 1 },
    cat: { type: 'string' },
    ph: { enum: ['X', 'M', 's', 'f'] },
    pid: whole,
    tid: whole,
    ts: { type: 'number', minimum: 0 },
    dur: { type: 'number', exclusiveMinimum: 0 },
    id: { type: ['integer', 'string'] },
    bp: { const: 'e' },
    args: { type: 'object' },
  },
  additionalProperties: false,
  allOf: [
    { if: { properties: { ph: { const: 'X' } } }, then: { required: ['dur'] } },
    {
      if: { properties: { ph: { const: 'M' } } },
      then: {
        required: ['args'],
        properties: { name: { enum: ['process_name', 'thread_name', 'thread_sort_index'] } },
      },
    },
    {
      if: { properties: { ph: { enum: ['s', 'f'] } } },
      then: { required: ['id', 'cat'], not: { required: ['dur'] } },
    },
  ],
};
const FORMAT = {
  type: 'object',
  required: ['traceEvents'],
  properties: {
    traceEvents: { type: 'array', items: event },
    displayTimeUnit: { enum: ['ms', 'ns'] },
  },
  additionalProperties: false,
};
const valid = new Ajv2020({ strict: false }).compile(FORMAT);

interface Event {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly id?: number;
  readonly args?: Readonly<Record<string, string | number>>;
}

async function traced(steps: string, head = 'designs: [tracked, rfc-v3]'): Promise<Event[]> {
  let text = '';
  const output = { columns: 80, write: (part: string) => void (text += part) };
  const reporters = [traceReporter(output)];
  await runAll(
    { 'a.spec.yaml': steps === '' ? [] : casesOf(specText(`steps:${steps}`, head)) },
    { verbose: true, reporters },
  );
  const file: unknown = JSON.parse(text);
  if (!valid(file)) throw new Error(JSON.stringify(valid.errors, undefined, 2));
  return (file as { traceEvents: Event[] }).traceEvents;
}

const MOVED = `${ATTACH}
  - affinity: { vector: nic/0, cpu: 2 }
  - fire: nic/0
    expect: { interrupts: { nic/0: { cpu: 2, count: 1 } } }
  - teardown: nic`;

describe('--trace', () => {
  test('a process for each case, a thread for each CPU, device and block', async () => {
    const events = await traced(MOVED);
    const named = (what: string): Event[] => events.filter(({ name }) => name === what);
    expect(named('process_name').map(({ args }) => args?.['name'])).toEqual([
      'sample.spec.yaml [tracked]',
      'sample.spec.yaml [rfc-v3]',
    ]);
    const threads = named('thread_name').filter(({ pid }) => pid === 1);
    expect(threads.map(({ args }) => args?.['name'])).toEqual(
      expect.arrayContaining(['steps', 'kernel', 'device nic', 'IOMMU domain vm', 'CPU 2']),
    );
    expect(new Set(threads.map(({ tid }) => tid)).size).toBe(threads.length);
  });

  test('an arrow from the write of the device to the interrupt', async () => {
    const events = await traced(MOVED, 'designs: [tracked]');
    const [from] = events.filter(({ ph }) => ph === 's');
    const [to] = events.filter(({ ph }) => ph === 'f');
    const at = (end: Event | undefined): Event | undefined =>
      events.find(({ ph, tid, ts }) => ph === 'X' && tid === end?.tid && ts === end?.ts);
    expect(at(from)?.name).toMatch(/^MSI nic\/0: write /);
    expect(at(to)?.name).toMatch(/: nic\/0$/);
    expect([from?.id, from?.name]).toEqual([to?.id, 'MSI nic/0']);
  });

  test('slices of a thread follow one another, and a step spans what it did', async () => {
    const events = (await traced(MOVED)).filter(({ ph }) => ph === 'X');
    const ends = new Map<string, number>();
    for (const { pid, tid, ts, dur = 0 } of events) {
      expect(ts).toBeGreaterThanOrEqual(ends.get(`${pid}/${tid}`) ?? 0);
      ends.set(`${pid}/${tid}`, ts + dur);
    }
    const steps = events.filter(({ tid, pid }) => tid === 1 && pid === 1);
    expect(steps.map(({ name }) => name)).toHaveLength(5);
    const inside = (step: Event): Event[] =>
      events.filter(({ tid, ts }) => tid !== 1 && ts >= step.ts && ts < step.ts + (step.dur ?? 0));
    const writes = inside(steps[2] as Event).filter(({ name }) => name.startsWith('write_msi_msg'));
    expect(writes.map(({ name }) => name)).toEqual([
      'write_msi_msg: address_lo',
      'write_msi_msg: address_hi',
      'write_msi_msg: data',
    ]);
  });

  test('a run of nothing is a valid file', async () => {
    expect(await traced('')).toEqual([]);
  });
});
