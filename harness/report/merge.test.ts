/** Reports read back and put together: the same as one run of everything. */
import { describe, expect, test } from '@jest/globals';
import type { Reporter, RunEvent, Shard, Summary } from '../run/events.ts';
import type { Case } from '../spec/case.ts';
import { ATTACH, caseOf, distorted } from '../testing/samples.ts';
import { written } from '../testing/written.ts';
import { mergeReports } from './merge.ts';
import { makeReporter, REPORTER_NAMES, type ReporterName } from './reporters.ts';
import { readReport, type StoredReport } from './stored-report.ts';

const steps = (count: number): string => `${ATTACH}
  - fire: nic/0
    expect: { interrupts: { nic/0: { cpu: 0, count: ${count} } } }
  - map: { domain: vm, iova: 0xf_ffff_ffff_f000, pa: 0x1000, size: 4K, prot: RW }
    expect: { error: ERANGE }
  - teardown: nic`;
const xfail = 'designs: [tracked]\nxfail: { reason: known }\ntags: [life]\nsource: a run';
const at = (spec: Case, file: string, id: string): Case => ({
  ...spec,
  id: `${file} ${id}`,
  place: { ...spec.place, file },
  point: { n: id },
});
const good = caseOf(steps(1));
const files: Readonly<Record<string, readonly Case[]>> = {
  'a.spec.yaml': [at(good, 'a.spec.yaml', '1'), at(caseOf(steps(2)), 'a.spec.yaml', '2')],
  'b.spec.yaml': [at(caseOf(steps(2), xfail), 'b.spec.yaml', '1')],
  'c.spec.yaml': [
    at(caseOf(steps(1), xfail), 'c.spec.yaml', '1'),
    at(caseOf(steps(1), 'designs: [tracked]\nskip: { reason: not yet }'), 'c.spec.yaml', '2'),
  ],
};
const only = (...names: readonly string[]): Readonly<Record<string, readonly Case[]>> =>
  Object.fromEntries(Object.entries(files).filter(([name]) => names.includes(name)));

const read = (text: string): StoredReport => {
  const report = readReport(text);
  if ('problem' in report) throw new Error(report.problem);
  return report;
};
const shard = (index: number, of: number): { shard: Shard } => ({ shard: { index, of } });
const named = (reports: readonly StoredReport[]): { name: string; report: StoredReport }[] =>
  reports.map((report, i) => ({ name: `r${i}.json`, report }));

async function merged(
  name: ReporterName,
  reports: readonly StoredReport[],
): Promise<{ readonly text: string; readonly summary: Summary }> {
  let text = '';
  const output = { columns: 100, write: (more: string) => void (text += more) };
  const told = { verbose: true, colour: false, now: () => 0 };
  const reporter = await makeReporter(name, output, told);
  const summary = mergeReports(named(reports), [], [reporter]);
  await reporter.close();
  return { text, summary };
}

describe.each(['json', 'ndjson'] as const)('%s', (format) => {
  const shards = async (): Promise<StoredReport[]> => [
    read(await written(format, only('b.spec.yaml', 'c.spec.yaml'), { verbose: true }, shard(1, 2))),
    read(await written(format, only('a.spec.yaml'), { verbose: true }, shard(2, 2))),
  ];

  // The picture of the machine on the page is not in a report; what frames a terminal sees depends on time.
  test.each(REPORTER_NAMES.filter((name) => name !== 'html' && name !== 'tasks'))(
    'through %s it is what one run would have written',
    async (name) => {
      const whole = await written(name, files, { verbose: true });
      const { text, summary } = await merged(name, await shards());
      expect(text).toBe(whole);
      expect(summary).toMatchObject({ files: 3, failed: 1, xpassed: 1, exitCode: 1 });
    },
  );

  test.each(['html', 'tasks'] as const)('%s shows every case too', async (name) => {
    const { text } = await merged(name, await shards());
    for (const file of Object.keys(files)) expect(text).toContain(file);
  });

  test('a run that died before its end is said, and is no pass', async () => {
    const text = await written('ndjson', only('b.spec.yaml'));
    const cut = read(text.slice(0, text.lastIndexOf('{"event":"run-end"') + 10));
    const { text: lines, summary } = await merged('lines', [cut]);
    expect(lines).toContain('DB622  r0.json ends before its run did');
    expect(summary).toMatchObject({ xfailed: 1, errors: 1, exitCode: 2 });
  });
});

describe('exit codes', () => {
  const report = async (
    names: readonly string[],
    options: Parameters<typeof written>[3] = {},
  ): Promise<StoredReport> => read(await written('json', only(...names), {}, options));
  const code = async (reports: readonly StoredReport[]): Promise<number> =>
    (await merged('lines', reports)).summary.exitCode;

  test('are those of one run', async () => {
    const passes = await report(['b.spec.yaml'], shard(1, 2));
    const nothing = await report([], shard(2, 2));
    expect(await code([passes, nothing])).toBe(0);
    expect(await code([nothing, nothing])).toBe(2);
    expect(await code([await report([])])).toBe(5);
    const dead = distorted(() => {
      throw new Error('gone');
    });
    expect(await code([await report(['b.spec.yaml'], { target: dead })])).toBe(3);
    const bug = distorted(() => {
      throw new TypeError('x');
    });
    expect(await code([passes, await report(['a.spec.yaml'], { target: bug })])).toBe(4);
    const stopped = { signal: AbortSignal.abort('SIGTERM') };
    expect(await code([await report(['b.spec.yaml'], stopped)])).toBe(143);
  });

  test('shards that do not make a run are an error each', async () => {
    const one = await report(['b.spec.yaml'], shard(1, 3));
    const two = await report(['c.spec.yaml'], shard(2, 4));
    const messages = (reports: readonly StoredReport[]): string[] => {
      const found: string[] = [];
      const on = (event: RunEvent): void => {
        if (event.type === 'diagnostic') found.push(event.diagnostic.message);
      };
      const reporter: Reporter = { on, close: () => Promise.resolve() };
      expect(mergeReports(named(reports), [], [reporter]).exitCode).toBe(2);
      return found;
    };
    expect(messages([one])).toEqual(['shard 2/3 is missing', 'shard 3/3 is missing']);
    expect(messages([one, two])).toEqual(['r0.json is one of 3, r1.json of 4']);
    expect(messages([one, one])).toContain('b.spec.yaml 1 is in r0.json and in r1.json');
  });
});

describe('what is no report', () => {
  test.each([
    ['', /Unexpected end/],
    ['hello', /Unexpected token/],
    ['[]', 'it is no JSON or ndjson report of Doorbell'],
    ['{"a":1}', 'it is no JSON or ndjson report of Doorbell'],
    ['{"version":2}', 'its format has version 2, this Doorbell reads 1'],
    ['{"version":1}', 'cases is no list'],
    ['{"version":1,"cases":[{"id":3}],"diagnostics":[]}', 'cases[0].id is no string'],
    ['{"version":1,"cases":[null],"diagnostics":[]}', 'cases[0] is no object'],
    [
      '{"version":1,"cases":[],"diagnostics":[{"code":"x"}]}',
      'diagnostics[0].severity is none of error, warning',
    ],
    ['{"event":"run-start","version":3,"paths":[]}', /version 3/],
    ['{"version":1,"cases":[', /JSON/],
  ])('%j', (text, problem) => {
    const result = readReport(text);
    expect('problem' in result ? result.problem : 'none').toMatch(problem);
  });

  test('a report with any one key taken out, or of another type, is refused or read, never an exception', async () => {
    const text = await written('json', files);
    const data = JSON.parse(text) as Record<string, unknown>;
    let refused = 0;
    const mutate = (holder: Record<string, unknown>): void => {
      for (const key of Object.keys(holder)) {
        const value = holder[key];
        for (const other of [undefined, 7, [{}], { a: [] }, 'x', null]) {
          if (other === undefined) delete holder[key];
          else holder[key] = other;
          const result = readReport(JSON.stringify(data));
          if ('problem' in result) refused++;
          else {
            const on = (): void => undefined;
            const reporter: Reporter = { on, close: () => Promise.resolve() };
            mergeReports(named([result]), [], [reporter]);
          }
        }
        holder[key] = value;
        if (typeof value === 'object' && value !== null && key !== 'operation')
          mutate(value as Record<string, unknown>);
      }
    };
    mutate({ data });
    mutate(data);
    expect(refused).toBeGreaterThan(1_000);
  });
});
