/** `messages`, `error`, `leaks` and `windows`: one value against one value. */
import type { Observation } from '../../src/observation.ts';
import type { ExpectError, ExpectLeaks, ExpectMessage, ExpectWindow } from '../spec/case.ts';
import { failed, HELD, type Outcome, row, unobservable } from './outcome.ts';
import { type Captures, hex, holds, valueText } from './values.ts';

export function checkMessage(expectation: ExpectMessage, observation: Observation, captures: Captures): Outcome {
  const seen = observation.message(expectation.device, expectation.index);
  if (!seen.seen) return unobservable(expectation.place, seen.reason);
  const { address, data } = seen.value;
  const ok = expectation.none
    ? address === 0n && data === 0
    : holds(expectation.address, address, captures) && holds(expectation.data, BigInt(data), captures);
  if (ok) return HELD;
  const vector = `${expectation.device}/${expectation.index}`;
  const wanted = expectation.none
    ? 'none (all zero)'
    : `${valueText(expectation.address, captures)} / ${valueText(expectation.data, captures)}`;
  const observed = address === 0n && data === 0 ? 'none (all zero)' : `${hex(address)} / ${hex(data)}`;
  return failed(
    'DB403',
    expectation,
    `${vector} should have the message ${wanted}; it has ${observed}`,
    { title: `message of ${vector}`, rows: [row(wanted, observed)] },
    vector,
  );
}

export function checkError(expectation: ExpectError, observation: Observation): Outcome {
  const observed = observation.error ?? 'none';
  if (observed === expectation.error) return HELD;
  return failed('DB401', expectation, `the step should return ${named(expectation.error)}; it returned ${named(observed)}`);
}

const named = (error: string): string => (error === 'none' ? 'no error' : error);

export function checkLeaks(
  expectation: ExpectLeaks,
  observation: Observation,
  domains: readonly string[],
  captures: Captures,
): Outcome[] {
  const list = expectation.domain === '*' ? domains : [expectation.domain];
  return list.map((domain) => {
    const seen = observation.leaks(domain);
    if (!seen.seen) return unobservable(expectation.place, seen.reason);
    if (holds(expectation.count, BigInt(seen.value), captures)) return HELD;
    const wanted = valueText(expectation.count, captures);
    return failed('DB407', expectation, `${domain} should have leaked ${wanted} references; it leaked ${seen.value}`);
  });
}

export function checkWindow(expectation: ExpectWindow, observation: Observation, captures: Captures): Outcome {
  const seen = observation.window(expectation.domain);
  if (!seen.seen) return unobservable(expectation.place, seen.reason);
  const use = seen.value;
  const ok =
    use === undefined
      ? expectation.none
      : !expectation.none &&
        holds(expectation.pages, BigInt(use.pages), captures) &&
        holds(expectation.free, BigInt(use.free), captures);
  if (ok) return HELD;
  const wanted = expectation.none
    ? 'no window'
    : `pages ${valueText(expectation.pages, captures)}, free ${valueText(expectation.free, captures)}`;
  const observed = use === undefined ? 'no window' : `pages ${use.pages}, free ${use.free}`;
  return failed('DB408', expectation, `${expectation.domain} should have ${wanted}; it has ${observed}`, {
    title: `window of ${expectation.domain}`,
    rows: [row(wanted, observed)],
  });
}
