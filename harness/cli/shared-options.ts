/** Options that several commands have. */
import type { Command } from 'commander';
import {
  bootSeconds,
  each,
  eachDesign,
  jobNumber,
  regularExpression,
  shard,
} from './option-values.ts';

export const PATHS = 'spec files, folders, globs, or file:line (default: "specs/**/*.spec.yaml")';

/** Which cases are meant. */
export function withFilters(command: Command, verb: string): Command {
  return command
    .argument('[paths...]', PATHS)
    .option('--grep <regexp>', `${verb} cases whose id or title matches`, regularExpression)
    .option('--tag <tag>', `${verb} specs with this tag (several: any of them)`, each, [])
    .option('--not-tag <tag>', 'leave out specs with this tag (several: any of them)', each, [])
    .option(
      '--design <name>',
      `${verb} cases of this design (several: any of them)`,
      eachDesign,
      [],
    );
}

/** What a target that boots a kernel is given. */
export function withLinux(command: Command): Command {
  return command
    .option('--kernel <name|Image>', 'with --target linux: 6.1, 6.12 or a path', '6.12')
    .option('--modules <folder>', "with --target linux: the folder of that kernel's .ko files")
    .option(
      '--boot-timeout <seconds>',
      'with --target linux: how long a guest may take to boot',
      bootSeconds,
      60,
    )
    .option(
      '--jobs <n>',
      'at once: threads of the model (default: 1, or 2 for many interleavings), guests of --target linux (default: 2)',
      jobNumber,
    )
    .option('--agent <program>', 'with --target ssh:HOST: the agent, where HOST is not arm64')
    .option('--keep <folder>', 'with --target linux: keep a log of each case there');
}

/** Which files of those that the paths name. */
export function withNarrowing(command: Command): Command {
  return command
    .option(
      '--changed [ref]',
      'specs that changed since this commit (default: HEAD), or that take in a file that did',
    )
    .option('--failed', 'cases that failed when they last ran', false)
    .option(
      '--shard <i/n>',
      'the i-th of n parts of the files; doorbell merge puts their reports together',
      shard,
    );
}
