/** The loader as the transformer needs it: a spec's cases and diagnostics as tests. */
import { DESIGNS } from '../../src/designs/designs.ts';
import { diagnosticText } from '../report/diagnostic-text.ts';
import { styleFor } from '../report/style.ts';
import type { Case, Place } from '../spec/case.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { loadSpec } from '../spec/load.ts';
import { findRoot, nameIn } from '../spec/read-file.ts';
import { serializeCase } from '../spec/serialize.ts';
import type { GeneratedFile, GeneratedTest } from './generate.ts';

export function load(path: string): GeneratedFile {
  const root = findRoot(path);
  const { cases, diagnostics } = loadSpec(path, { root });
  const file = nameIn(root, path);
  const start: Place = { file, line: 1, col: 1, endCol: 2 };
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const first = cases[0];
  return {
    title: first?.title ?? file,
    place: first?.place ?? start,
    root,
    tests:
      errors.length > 0
        ? errors.map((diagnostic) => testOfDiagnostic(diagnostic, start))
        : cases.map((spec) => testOfCase(spec, file)),
  };
}

function testOfCase(spec: Case, file: string): GeneratedTest {
  // What the model cannot carry is known before it runs, and only then can Jest skip it.
  const skip = spec.skip?.reason ?? DESIGNS[spec.design.name].unsupported?.(spec.topology);
  return {
    // The id without the file, which Jest shows above.
    name: spec.id.startsWith(`${file} `) ? spec.id.slice(file.length + 1) : spec.id,
    place: spec.place,
    kind: 'case',
    data: serializeCase(spec),
    ...(skip === undefined ? {} : { skip }),
  };
}

function testOfDiagnostic(diagnostic: Diagnostic, start: Place): GeneratedTest {
  const text = diagnosticText(diagnostic, styleFor(false));
  return {
    name: `${diagnostic.code} ${diagnostic.message}`,
    place: diagnostic.place ?? start,
    kind: 'diagnostic',
    data: JSON.stringify({ diagnostic, text }),
  };
}
