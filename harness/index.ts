/** The library: load specs, run cases, look at the model. What is exported here is kept stable. */
export { loadSpec, loadSpecText, type Loaded, type LoadOptions } from './spec/load.ts';
export { findRoot } from './spec/read-file.ts';
export { renderDiagnostic } from './spec/render.ts';
export { deserializeCase, serializeCase } from './spec/serialize.ts';
export type { Case, Expectation, Place, Step, ValueExpr } from './spec/case.ts';
export type { Diagnostic } from './spec/diagnostic.ts';

export { runCase, type CaseOptions } from './run/run-case.ts';
export { runSpecs, type LoadedFile, type RunOptions } from './run/runner.ts';
export type {
  Failure,
  Reporter,
  RunEvent,
  Status,
  StepResult,
  Summary,
  Verdict,
} from './run/events.ts';
export { EXIT, SIGNAL_EXIT } from './run/exit-codes.ts';
export { RUN_CODES } from './run/codes.ts';

export { makeReporter, REPORTER_NAMES, type ReporterName } from './report/reporters.ts';
export type { Output, ReportSettings } from './report/output.ts';
export { failureText, verdictText } from './report/failure-text.ts';
export { coloured, plain, type Style } from './report/style.ts';

export { modelTarget } from './targets/model.ts';
export type { Machine, OpenRequest, Target, Unsupported } from './targets/target.ts';

export { openModel, type MachineRequest, ModelMachine } from '../src/machine.ts';
export { DESIGN_NAMES, type DesignChoice, type DesignName } from '../src/designs/design.ts';
export type { Operation, OperationName, VectorName } from '../src/operation.ts';
export type * from '../src/observation.ts';
export type { Topology } from '../src/topology/topology.ts';
