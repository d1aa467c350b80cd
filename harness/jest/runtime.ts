/**
 * What the generated test files call: the model, the checks and the text of a failure. Bundled as
 * CommonJS, without YAML or validators, because each test file evaluates it anew.
 */
import { expect } from '@jest/globals';
import { runCase } from '../run/run-case.ts';
import type { Verdict } from '../run/events.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import type { Place } from '../spec/case.ts';
import { deserializeCase } from '../spec/serialize.ts';
import { verdictText } from '../report/failure-text.ts';
import { styleFor } from '../report/style.ts';
import { modelTarget } from '../targets/model.ts';
import { errorAt } from './place-error.ts';
import { differenceOf, isWanted } from './snapshots.ts';

const options = {
  verbose: false,
  now: () => performance.now(),
  onStep: () => undefined,
};

/** The body of a case's test. */
function caseTest(root: string, json: string): () => Promise<void> {
  return async () => {
    const spec = deserializeCase(json);
    const { doorbell } = globalThis as { readonly doorbell?: unknown };
    const isSnapshot = isWanted(spec, doorbell);
    const verdict = await runCase(spec, modelTarget, options);
    if (verdict.status === 'SKIP')
      // Jest cannot skip a test that has begun, and a pass would hide that nothing was checked.
      throw errorAt(root, `skipped while it ran: ${verdict.reason ?? ''}`, [verdict.case.place]);
    if (isFailure(verdict))
      throw errorAt(root, verdictText(verdict, styleFor(false)), placesOf(verdict));
    // It is of the case as a whole: a difference is shown at the title.
    const difference = isSnapshot ? await differenceOf(spec, expect) : undefined;
    if (difference !== undefined) throw errorAt(root, difference, [spec.place]);
  };
}

const isFailure = ({ status }: Verdict): boolean => status !== 'PASS' && status !== 'XFAIL';

/** Where it failed, first failure first; a case that failed as a whole failed at its title. */
function placesOf(verdict: Verdict): Place[] {
  const spec = verdict.case;
  const places = verdict.failures.flatMap(({ diagnostic, step }) => {
    const place = diagnostic.place ?? (step === undefined ? undefined : spec.steps[step]?.place);
    return place === undefined ? [] : [place];
  });
  return verdict.status === 'XPASS' || places.length === 0 ? [verdict.place] : places;
}

/** The body of the test that stands for a diagnostic: it fails at the diagnostic's place. */
function diagnosticTest(root: string, json: string): () => void {
  return () => {
    const { diagnostic, text } = JSON.parse(json) as { diagnostic: Diagnostic; text: string };
    throw errorAt(root, text, diagnostic.place === undefined ? [] : [diagnostic.place]);
  };
}

export { caseTest as case, diagnosticTest as diagnostic };
