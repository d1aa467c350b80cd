/** Where the report of `--reporter NAME=PATH` goes, by what the path names. */
import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ReportFile } from './report-file.ts';
import { reason, type ReportSink } from './report-sink.ts';

export async function openSink(path: string): Promise<ReportSink | { readonly failed: string }> {
  if (path === '') return { failed: 'a file name is missing after =' };
  let target: string;
  try {
    target = sinkPath(path);
  } catch (error) {
    return { failed: reason(error) };
  }
  const stat = statSync(target, { throwIfNoEntry: false });
  if (stat === undefined || (stat.isFile() && !isHandle(path)))
    return ReportFile.open(target, stat?.mode);
  if (stat.isDirectory()) return { failed: 'it is a folder' };
  if (stat.isSocket()) return { failed: 'it is a socket' };
  const { ReportDevice, ReportPipe } = await import('./report-device.ts');
  return stat.isFIFO() ? ReportPipe.open(target) : ReportDevice.open(target);
}

/** Names of files that are open already: a rename would not reach who holds them. */
const isHandle = (path: string): boolean =>
  /^\/(dev\/(fd\/|std)|proc\/[^/]+\/fd\/)/.test(resolve(path));

const MAX_LINKS = 40;

/** Follows links, also one that points to a file that is yet to be made. */
export function sinkPath(path: string): string {
  let at = resolve(path);
  // Their links have texts, such as pipe:[123], that are no paths.
  if (isHandle(at)) return at;
  for (let links = 0; links < MAX_LINKS; links++) {
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() !== true) {
      const folder = dirname(at);
      // A folder that is missing is said when the file is opened.
      const real = statSync(folder, { throwIfNoEntry: false }) ? realpathSync(folder) : folder;
      return join(real, basename(at));
    }
    at = resolve(dirname(at), readlinkSync(at));
  }
  throw new Error('too many symbolic links');
}
