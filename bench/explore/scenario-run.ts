/**
 * One exploration of the scenario in a process of its own: parameters as JSON; prints the report as
 * JSON.
 */
import { explore } from '../../harness/explore/explore.ts';
import type { Exploration } from '../../harness/explore/exploration.ts';
import type { Parameters } from '../../src/explore/scenario/parameters.ts';

interface Request {
  readonly parameters: Parameters;
  readonly options: Partial<Exploration>;
}

const { parameters, options } = JSON.parse(process.argv[2] ?? '{}') as Request;
const report = await explore({
  system: { kind: 'scenario', parameters },
  search: 'breadth-first',
  symmetry: false,
  partialOrder: false,
  limits: {},
  workers: 1,
  ...options,
});
const { verdict, ...rest } = report;
const trace = 'trace' in verdict ? verdict.trace.map(({ step }) => step?.text) : [];
process.stdout.write(JSON.stringify({ ...rest, verdict: verdict.kind, trace }));
