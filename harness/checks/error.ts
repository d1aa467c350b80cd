/** `error`: what the step returned. A step that says nothing must return no error. */
import type { ExpectError } from '../spec/case.ts';
import type { Step } from '../spec/case.ts';
import type { Observation } from '../../src/observation.ts';
import { failed, HELD, type Outcome, type Scene } from './finding.ts';

export function checkError(expectation: ExpectError, scene: Scene): Outcome {
  const observed = scene.observation.error ?? 'none';
  if (observed === expectation.error) return HELD;
  const message = `the step should return ${named(expectation.error)}; it returned ${named(observed)}`;
  return failed(
    {
      code: 'DB407',
      place: expectation.place,
      message,
      table: {
        title: 'error',
        rows: [{ expected: expectation.error, observed, differs: true }],
      },
    },
    expectation.why,
  );
}

const named = (error: string): string => (error === 'none' ? 'no error' : error);

/** Undefined where the step has an expectation of its own. */
export function checkNoError(step: Step, observation: Observation): Outcome | undefined {
  if (step.expect.some(({ kind }) => kind === 'error')) return undefined;
  if (observation.error === undefined) return HELD;
  return failed({
    code: 'DB401',
    place: step.place,
    message: `the step returned ${observation.error}`,
    hint: `if that is meant: expect: { error: ${observation.error} }; the steps after it were not run`,
  });
}
