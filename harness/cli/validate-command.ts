/** `doorbell validate`: everything that is wrong with specs, without running them. */
import { EXIT } from '../run/exit-codes.ts';
import { count } from '../report/style.ts';
import { fileLoader } from './load-files.ts';
import { printDiagnostics } from './print.ts';
import type { ColourFlag } from './flags.ts';
import { selectFiles } from './select-files.ts';

export async function validateCommand(
  paths: readonly string[],
  { color }: ColourFlag,
): Promise<number> {
  const cwd = process.cwd();
  const { files, lines, diagnostics } = await selectFiles(paths, cwd);
  const load = fileLoader(cwd, lines);
  printDiagnostics(diagnostics, color);
  let errors = diagnostics.length;
  let cases = 0;
  for (const file of files) {
    const loaded = load(file);
    printDiagnostics(loaded.diagnostics, color);
    errors += loaded.diagnostics.filter(({ severity }) => severity === 'error').length;
    cases += loaded.cases.length;
  }
  console.log(`${count(files.length, 'file')}, ${count(cases, 'case')}, ${count(errors, 'error')}`);
  if (errors > 0) return EXIT.usage;
  return cases > 0 ? EXIT.passed : EXIT.nothing;
}
