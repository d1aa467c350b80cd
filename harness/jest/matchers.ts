/**
 * Matchers for a machine of openMachine(): each says its expectation as a spec would write it under
 * `expect:`, and the checks of specs judge it. So a matcher means what the same words mean in a
 * spec, and fails with the same text.
 */
import type { Expectation } from '../spec/case.ts';
import { KINDS } from '../spec/expectation-kinds.ts';
import { check } from '../checks/check.ts';
import { type Finding, moment, type Scene } from '../checks/finding.ts';
import { isSilence } from '../checks/silence.ts';
import { observedInstead } from './observed-instead.ts';
import { TestMachine, WholeRun } from './test-machine.ts';
import { readExpectations, UsageError, yamlOf } from './words.ts';

interface Matcher {
  /** Names of the arguments; those with a question mark may be left out. */
  readonly takes: readonly string[];
  /** What a spec would have under `expect:`. */
  readonly block: (...args: readonly unknown[]) => unknown;
  /** `.not` of it would mean something else than its words. */
  readonly onlyPositive?: string;
}

const ONCE = { count: 1 };

/** The name of a domain or vector, as a key. */
function key(name: unknown): string {
  if (typeof name === 'string') return name;
  throw new UsageError(`${yamlOf(name)} is no name`);
}

const domainOrAll = (domain: unknown, none: unknown = 'none'): unknown =>
  domain === undefined ? 'none' : { [key(domain)]: none };
const including = (kind: string) => (one: unknown) => ({ [kind]: { includes: [one] } });

/** A mapping without its count, so that the count can be said apart. */
function withRefs(domain: unknown, mapping: unknown, refs: unknown): unknown {
  if (typeof mapping !== 'object' || mapping === null)
    throw new UsageError(
      `the mapping is ${yamlOf(mapping)}; a mapping has fields: { pa: 0x2c00_0000 }`,
    );
  if ('refs' in mapping)
    throw new UsageError('the mapping has refs already; toHaveMapping compares them with the rest');
  return { mappings: { [key(domain)]: { includes: [{ ...mapping, refs }] } } };
}

export const MATCHERS = {
  toMeet: {
    takes: ['expectations'],
    block: (block) => block,
    onlyPositive:
      'several expectations at once can fail for any of them: use the matcher of the one',
  },
  toHaveMapping: {
    takes: ['domain', 'mapping'],
    block: (domain, mapping) => ({ mappings: { [key(domain)]: { includes: [mapping] } } }),
  },
  toHaveMappings: {
    takes: ['domain', 'mappings'],
    block: (domain, mappings) => ({ mappings: { [key(domain)]: mappings } }),
  },
  toHaveNoMappings: {
    takes: ['domain?'],
    block: (domain) => ({ mappings: domainOrAll(domain) }),
  },
  toHaveRefcount: { takes: ['domain', 'mapping', 'refs'], block: withRefs },
  toHaveMessage: {
    takes: ['vector', 'message'],
    block: (vector, message) => ({ messages: { [key(vector)]: message } }),
  },
  toHaveAffinity: {
    takes: ['vector', 'affinity'],
    block: (vector, affinity) => ({ affinity: { [key(vector)]: affinity } }),
  },
  toHaveEffectiveAffinity: {
    takes: ['vector', 'cpu'],
    block: (vector, cpu) => ({ affinity: { [key(vector)]: { effective: cpu } } }),
  },
  toHaveDelivered: {
    takes: ['vector', 'delivery?'],
    block: (vector, delivery = ONCE) => ({ interrupts: { [key(vector)]: delivery } }),
  },
  toHaveNoInterrupts: {
    takes: ['vector?'],
    block: (vector) => ({ interrupts: domainOrAll(vector) }),
  },
  toHaveFaulted: { takes: ['fault'], block: including('faults') },
  toHaveFaults: { takes: ['faults'], block: (faults) => ({ faults }) },
  toHaveNoFaults: { takes: [], block: () => ({ faults: 'none' }) },
  toHaveCommand: { takes: ['command'], block: including('commands') },
  toHaveCommands: { takes: ['commands'], block: (commands) => ({ commands }) },
  toHaveNoCommands: { takes: [], block: () => ({ commands: 'none' }) },
  toHaveInvalidation: { takes: ['command'], block: including('invalidations') },
  toHaveInvalidations: {
    takes: ['commands'],
    block: (invalidations) => ({ invalidations }),
  },
  toHaveNoInvalidations: { takes: [], block: () => ({ invalidations: 'none' }) },
  toHaveLeaks: {
    takes: ['domain', 'count'],
    block: (domain, n) => ({ leaks: { [key(domain)]: n } }),
  },
  toHaveNoLeaks: {
    takes: ['domain?'],
    block: (domain) => ({ leaks: domainOrAll(domain, 0) }),
  },
  toHaveWindow: {
    takes: ['domain', 'window'],
    block: (domain, window) => ({ windows: { [key(domain)]: window } }),
  },
  toHaveFailed: { takes: ['error'], block: (error) => ({ error }) },
  toHaveSucceeded: { takes: [], block: () => ({ error: 'none' }) },
} as const satisfies Readonly<Record<string, Matcher>>;

/** What Jest gives a matcher as far as it is used here. */
interface Context {
  readonly isNot?: boolean;
}
interface Judged {
  readonly pass: boolean;
  readonly message: () => string;
}

export type MatcherName = keyof typeof MATCHERS;
const NAMES = Object.keys(MATCHERS) as MatcherName[];

/** For expect.extend. */
export const jestMatchers = Object.fromEntries(
  NAMES.map((name) => [
    name,
    function (this: Context, received: unknown, ...args: readonly unknown[]): Judged {
      return judge(name, received, args, this.isNot === true);
    },
  ]),
);

function judge(
  name: MatcherName,
  received: unknown,
  args: readonly unknown[],
  isNot: boolean,
): Judged {
  const matcher: Matcher = MATCHERS[name];
  const call = callText(name, args, isNot);
  const fail = (text: string): Judged => ({ pass: isNot, message: () => `${call}\n\n${text}` });
  const machine = machineOf(received, call);
  try {
    checkArguments(matcher, args);
    if (isNot && matcher.onlyPositive !== undefined)
      throw new UsageError(`.not: ${matcher.onlyPositive}`);
    const expectations = readExpectations(matcher.block(...args), machine.memory);
    const scene = machine.scene(received instanceof WholeRun);
    for (const expectation of expectations) mustBeOfAStep(expectation, scene, machine);
    const before = scene.captures.snapshot();
    const findings = findingsOf(expectations, scene);
    const holds = findings.length === 0;
    // A capture is bound by what is so, not by what is denied or wrong.
    if (!holds || isNot) scene.captures.restore(before);
    if (holds === isNot)
      return fail(isNot ? deniedText(expectations, scene) : machine.textOf(findings, scene));
    if (!machine.hasControl && expectations.some((e) => saysSilence(e, isNot)))
      return fail(NO_CONTROL);
    return { pass: holds, message: () => call };
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${call}\n\n${error.message}`);
    throw error;
  }
}

function machineOf(received: unknown, call: string): TestMachine {
  if (received instanceof TestMachine) return received;
  if (received instanceof WholeRun) return received.machine;
  const what =
    received instanceof Promise ? 'a promise' : received === null ? 'null' : `a ${typeof received}`;
  throw new UsageError(
    `${call}\n\nexpect() is given ${what}; this matcher looks at a machine of openMachine()`,
  );
}

function checkArguments({ takes }: Matcher, args: readonly unknown[]): void {
  for (const [i, name] of takes.entries())
    if (!name.endsWith('?') && args[i] === undefined)
      throw new UsageError(`the ${name} is undefined`);
  // Left out is not the same as given and undefined, which is a mistake elsewhere.
  const given = args.findIndex((arg, i) => arg === undefined && i < takes.length);
  if (given >= 0) throw new UsageError(`the ${takes[given]?.replace('?', '') ?? ''} is undefined`);
  if (args.length > takes.length)
    throw new UsageError(
      `${args.length} arguments; it takes ${takes.length === 0 ? 'none' : takes.join(', ')}`,
    );
}

/** An expectation that cannot be observed is neither met nor denied. */
function findingsOf(expectations: readonly Expectation[], scene: Scene): Finding[] {
  return expectations
    .flatMap((expectation) => check(expectation, scene))
    .flatMap((outcome) => {
      if (outcome.kind === 'unobservable')
        throw new UsageError(`this cannot be seen: ${outcome.reason}`);
      return outcome.kind === 'failed' ? [outcome.finding] : [];
    });
}

function mustBeOfAStep({ kind }: Expectation, scene: Scene, machine: TestMachine): void {
  if (KINDS[kind].of !== 'state' && machine.performed === 0)
    throw new UsageError('no step has been performed yet');
  if (kind === 'error' && scene.step === undefined)
    throw new UsageError('an error is of one step: look at the machine, not at machine.whole');
}

const NO_CONTROL =
  'no interrupt came, but so far none was delivered at all and no fault was recorded: the silence proves nothing   DB416\n' +
  'add a positive control before it: a vector that does arrive, or a fault that must come';

function saysSilence(expectation: Expectation, isNot: boolean): boolean {
  return isNot ? expectation.kind === 'interrupts' : isSilence(expectation);
}

/** What `.not` should not have found, and what is there. */
function deniedText(expectations: readonly Expectation[], scene: Scene): string {
  const blocks = expectations.map((expectation) => {
    const rows = observedInstead(expectation, scene);
    const all = rows.length === 0 ? ['none'] : rows;
    return [
      `  ${moment(scene)}, this should not be so; observed:`,
      '',
      ...all.map((row) => `    ${row}`),
    ];
  });
  return blocks.flat().join('\n');
}

function callText(name: string, args: readonly unknown[], isNot: boolean): string {
  const shown = args.map((arg) => {
    try {
      return yamlOf(arg);
    } catch {
      return typeof arg;
    }
  });
  return `expect(machine)${isNot ? '.not' : ''}.${name}(${shown.join(', ')})`;
}
