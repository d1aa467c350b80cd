/** `doorbell list`: the specs and their cases, without running them. */
import type { Case } from '../spec/case.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { EXIT } from '../run/exit-codes.ts';
import { printable, styleFor } from '../report/style.ts';
import { pointText } from '../report/summary-text.ts';
import { printDiagnostics } from './print.ts';
import type { ListFlags } from './flags.ts';
import { selectSpecs } from './select-specs.ts';
import { environment, wantsColour } from './terminal.ts';

export async function listCommand(paths: readonly string[], flags: ListFlags): Promise<number> {
  const cwd = process.cwd();
  const { files, diagnostics, load, select } = await selectSpecs(paths, flags, 'model', cwd);
  const problems: Diagnostic[] = [...diagnostics];
  const style = styleFor(wantsColour(environment(), flags.color));
  const listed: object[] = [];
  let cases = 0;
  for (const file of files) {
    const loaded = load(file);
    problems.push(...loaded.diagnostics);
    const shown = loaded.cases.filter(select);
    const first = shown[0];
    if (first === undefined) continue;
    cases += shown.length;
    if (flags.json) listed.push(asJson(file, shown));
    else {
      console.log(`${printable(file)}  ${style.dim(printable(first.title))}`);
      for (const spec of shown) console.log(`  ${caseLine(spec)}`);
    }
  }
  if (flags.json) console.log(JSON.stringify({ version: 1, specs: listed }, undefined, 2));
  printDiagnostics(problems, flags.color);
  if (problems.some(({ severity }) => severity === 'error')) return EXIT.usage;
  return cases > 0 ? EXIT.passed : EXIT.nothing;
}

const caseLine = (spec: Case): string =>
  pointText(spec) + (spec.skip ? `  (skipped: ${printable(spec.skip.reason)})` : '');

function asJson(file: string, cases: readonly Case[]): object {
  const { title, description, source, tags } = cases[0] as Case;
  return {
    file,
    title,
    description,
    source,
    tags,
    cases: cases.map(({ id, place, designLabel, point, skip, xfail, steps }) => ({
      id,
      line: place.line,
      design: designLabel,
      point,
      steps: steps.length,
      skip: skip?.reason,
      xfail: xfail?.reason,
    })),
  };
}
