/**
 * JUnit's XML, as Jenkins' schema has it: a suite for each file, a test for each case. What could
 * not be run is a suite of errors, so that a server that looks at nothing else does not call the
 * run good.
 */
import type { Reporter, RunEvent, Verdict } from '../run/events.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { diagnosticText } from './diagnostic-text.ts';
import { verdictText } from './failure-text.ts';
import type { Output } from './output.ts';
import { plain } from './style.ts';
import { pointText } from './summary-text.ts';

export function junitReporter(output: Output): Reporter {
  let verdicts: Verdict[] = [];
  const errors: Diagnostic[] = [];
  return {
    on(event: RunEvent): void {
      switch (event.type) {
        case 'run-start':
          output.write('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="doorbell">\n');
          return;
        case 'case-end':
          verdicts.push(event.verdict);
          return;
        case 'file-end':
          output.write(suite(event.file, verdicts.map(testOf)));
          verdicts = [];
          return;
        case 'diagnostic':
          if (event.diagnostic.severity === 'error') errors.push(event.diagnostic);
          return;
        case 'run-end': {
          const { interrupted } = event.summary;
          const tests = errors.map(errorTest);
          if (interrupted) tests.push(INTERRUPTED);
          if (tests.length > 0) output.write(suite('not run', tests));
          output.write('</testsuites>\n');
          return;
        }
        case 'file-start':
        case 'case-start':
        case 'step':
          return;
      }
    },
    close: () => Promise.resolve(),
  };
}

interface Test {
  readonly name: string;
  readonly classname: string;
  readonly seconds: number;
  readonly outcome?: {
    readonly kind: 'skipped' | 'failure' | 'error';
    readonly type: string;
    readonly message: string;
    readonly text: string;
  };
}

function testOf(verdict: Verdict): Test {
  const { case: spec, failures, reason = '', status } = verdict;
  const named = {
    name: `${spec.title} ${pointText(spec)}`,
    classname: spec.place.file,
    seconds: verdict.durationMs / 1000,
  };
  const message = failures[0]?.diagnostic.message ?? reason;
  const type = failures[0]?.diagnostic.code ?? status;
  const text = verdictText(verdict, plain);
  switch (status) {
    case 'PASS':
      return named;
    case 'FAIL':
      return { ...named, outcome: { kind: 'failure', type, message, text } };
    case 'XPASS':
      return {
        ...named,
        outcome: { kind: 'failure', type: 'DB417', message: `passed although: ${reason}`, text },
      };
    case 'ABORT':
      return { ...named, outcome: { kind: 'error', type: 'DB501', message: reason, text } };
    case 'SKIP':
      return { ...named, outcome: { kind: 'skipped', type: 'skip', message: '', text: reason } };
    case 'XFAIL':
      return {
        ...named,
        outcome: { kind: 'skipped', type: 'xfail', message: '', text: `xfail: ${reason}` },
      };
  }
}

const errorTest = (diagnostic: Diagnostic): Test => ({
  name: `${diagnostic.code} ${diagnostic.message.split('\n', 1)[0] ?? ''}`,
  classname: diagnostic.place?.file ?? 'doorbell',
  seconds: 0,
  outcome: {
    kind: 'error',
    type: diagnostic.code,
    message: diagnostic.message,
    text: diagnosticText(diagnostic, plain),
  },
});

const INTERRUPTED: Test = {
  name: 'interrupted',
  classname: 'doorbell',
  seconds: 0,
  outcome: { kind: 'error', type: 'interrupted', message: 'a signal ended the run', text: '' },
};

function suite(name: string, tests: readonly Test[]): string {
  const number = (kind: string): number =>
    tests.filter(({ outcome }) => outcome?.kind === kind).length;
  const seconds = tests.reduce((sum, test) => sum + test.seconds, 0);
  const counts =
    `tests="${tests.length}" failures="${number('failure')}" errors="${number('error')}" ` +
    `skipped="${number('skipped')}" time="${seconds.toFixed(3)}"`;
  const body = tests.map((test) => `    ${element(test)}\n`).join('');
  return `  <testsuite name="${attribute(name)}" ${counts}>\n${body}  </testsuite>\n`;
}

function element({ name, classname, seconds, outcome }: Test): string {
  const head = `<testcase name="${attribute(name)}" classname="${attribute(classname)}" time="${seconds.toFixed(6)}"`;
  if (outcome === undefined) return `${head}/>`;
  const { kind, type, message, text } = outcome;
  // The schema lets `skipped` have no attributes.
  const attributes =
    kind === 'skipped' ? '' : ` type="${attribute(type)}" message="${attribute(message)}"`;
  return `${head}><${kind}${attributes}>${content(text)}</${kind}></testcase>`;
}

/**
 * XML 1.0 has no way to write these, not even as references: control characters, halves of pairs.
 */
const FORBIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const content = (text: string): string =>
  text
    .replace(FORBIDDEN, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    // A parser would make a line feed of it.
    .replaceAll('\r', '&#13;');

const attribute = (text: string): string =>
  content(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
