/** The command. The only place, with its neighbours, that sees the console and the exit code. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { EXIT } from '../run/exit-codes.ts';
import { startFrom } from '../spec/schema-folder.ts';
import { buildProgram } from './program.ts';
import { drained, watchOutput } from './terminal.ts';

declare const DOORBELL_VERSION: string | undefined;
const folder = dirname(fileURLToPath(import.meta.url));
const version = typeof DOORBELL_VERSION === 'string' ? DOORBELL_VERSION : '0.0.0';

// Each command is loaded when it runs: `doorbell --help` needs neither YAML nor the model.
const program = buildProgram(
  {
    run: async (paths, flags) =>
      (await import('./run-command.ts')).runCommand(
        paths,
        flags,
        new URL('run-worker.js', import.meta.url),
      ),
    merge: async (paths, flags) => (await import('./merge-command.ts')).mergeCommand(paths, flags),
    explore: async (paths, flags) =>
      (await import('./explore-command.ts')).exploreCommand(
        paths,
        flags,
        join(folder, 'explore-worker.js'),
      ),
    list: async (paths, flags) => (await import('./list-command.ts')).listCommand(paths, flags),
    fuzz: async (flags) => (await import('./fuzz-command.ts')).fuzzCommand(flags),
    compare: async (paths, flags) =>
      (await import('./compare-command.ts')).compareCommand(paths, flags),
    validate: async (paths, flags) =>
      (await import('./validate-command.ts')).validateCommand(paths, flags),
    explain: async (file, flags) =>
      (await import('./explain-command.ts')).explainCommand(file, flags),
    check: async (file, flags) => (await import('./check-command.ts')).checkCommand(file, flags),
    import: async (file, flags) => (await import('./import-command.ts')).importCommand(file, flags),
    linux: async () => (await import('./linux-command.ts')).linuxActions(folder),
    schema: async (name) => (await import('./schema-command.ts')).schemaCommand(name),
    init: async (file, flags) => (await import('./init-command.ts')).initCommand(file, flags),
    errors: async (code, flags) => (await import('./errors-command.ts')).errorsCommand(code, flags),
    completion: async (shell, tree) =>
      (await import('./completion-command.ts')).completionCommand(shell, tree),
  },
  version,
  (code) => void (process.exitCode = code),
);

async function main(): Promise<void> {
  watchOutput();
  startFrom(folder);
  try {
    await program.parseAsync(process.argv);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
  await drained();
}

/** Commander has said what is wrong with the options; everything else here is a bug of ours. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.passed : EXIT.usage;
  console.error(`error: a bug of Doorbell [DB901]`);
  console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  console.error('  hint: please report it with the command and the spec');
  return EXIT.bug;
}

await main();
