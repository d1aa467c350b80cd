/** `doorbell errors [CODE]`. */
import { ERROR_GROUPS } from '../errors/errors.ts';
import { errorText } from '../errors/error-text.ts';
import { EXIT } from '../run/exit-codes.ts';
import { styleFor } from '../report/style.ts';
import { didYouMean } from '../spec/report.ts';
import { printDiagnostics } from './print.ts';
import { environment, wantsColour, widthOf } from './terminal.ts';

export function errorsCommand(
  asked: string | undefined,
  { color }: { readonly color: boolean },
): number {
  const here = environment();
  const style = styleFor(wantsColour(here, color));
  if (asked === undefined) {
    for (const { title, entries } of ERROR_GROUPS) {
      console.log(style.bold(title));
      for (const { code, title: name } of entries) console.log(`  ${code}  ${name}`);
      console.log('');
    }
    return EXIT.passed;
  }
  // As it is said: DB201, db201, 201.
  const code = `DB${asked.replace(/^db/i, '')}`;
  const entries = ERROR_GROUPS.flatMap((group) => group.entries);
  const entry = entries.find((each) => each.code === code);
  if (entry === undefined) {
    const known = entries.map((each) => each.code);
    const message = `no error "${asked}"${didYouMean(code, known)}`;
    const hint = '`doorbell errors` lists them';
    printDiagnostics([{ code: 'DB603', severity: 'error', message, hint }], color);
    return EXIT.usage;
  }
  console.log(errorText(entry, style, widthOf(here)));
  return EXIT.passed;
}
