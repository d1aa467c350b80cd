/** `-o FILE`, `--svg FILE`: whole or not at all, and never over what it was made from. */
import { realpathSync } from 'node:fs';
import { openSink } from '../report/open-sink.ts';
import { EXIT } from '../run/exit-codes.ts';
import { printDiagnostics } from './print.ts';

/**
 * @param source What the text was made from.
 * @returns The exit code.
 */
export async function writeOutput(
  file: string,
  text: string,
  source: string,
  color: boolean,
): Promise<number> {
  const failed = await write(file, text, source);
  if (failed === undefined) return EXIT.passed;
  printDiagnostics([{ code: 'DB602', severity: 'error', message: `${file}: ${failed}` }], color);
  return EXIT.usage;
}

async function write(file: string, text: string, source: string): Promise<string | undefined> {
  const sink = await openSink(file);
  if ('failed' in sink) return sink.failed;
  if (sink.path === real(source)) {
    sink.discard();
    return `this is what was read; it is left as it is`;
  }
  sink.write(text);
  return sink.commit();
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Standard input, or gone since: no file that could be lost.
    return path;
  }
}
