/**
 * Which modules a guest loads, and in which order: those that are wanted and what they depend on,
 * read from the modules themselves (`depends=` of .modinfo), so that no depmod is needed. A module
 * that is not there is built in, or the guest says what is missing when it boots.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { runToEnd } from '../processes.ts';
import { ImageProblem } from './problem.ts';

/** The agent's console, VFIO, and the one driver under which single vectors can be raised. */
const WANTED = [
  'virtio_mmio',
  'virtio_console',
  'vfio',
  'vfio_virqfd',
  'vfio_iommu_type1',
  'vfio_pci',
  'e1000e',
] as const;
const MOST_FILES = 100_000;

export interface Module {
  readonly name: string;
  readonly content: Buffer;
}

/** `vfio-pci.ko.xz` and `vfio_pci` are one module. */
const moduleName = (path: string): string =>
  basename(path)
    .replace(/\.ko(\.\w+)?$/, '')
    .replaceAll('-', '_');

export async function modulesInOrder(root: string): Promise<readonly Module[]> {
  const paths = findModules(root);
  const order: Module[] = [];
  const seen = new Set<string>();
  const add = async (name: string): Promise<void> => {
    const path = paths.get(name);
    if (seen.has(name) || path === undefined) return;
    seen.add(name);
    const content = await decompressed(path);
    for (const needed of dependsOf(content)) await add(needed);
    order.push({ name, content });
  };
  for (const name of WANTED) await add(name);
  return order;
}

function findModules(root: string): ReadonlyMap<string, string> {
  let names: string[];
  try {
    names = readdirSync(root, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    throw new ImageProblem(`modules cannot be read: ${(error as Error).message}`);
  }
  if (names.length > MOST_FILES)
    throw new ImageProblem(`${root} has more than ${MOST_FILES} files`);
  const modules = names.filter((name) => /\.ko(\.(xz|gz|zst))?$/.test(name));
  return new Map(modules.map((name) => [moduleName(name), join(root, name)]));
}

async function decompressed(path: string): Promise<Buffer> {
  if (path.endsWith('.ko')) return readFileSync(path);
  if (path.endsWith('.gz')) return gunzipSync(readFileSync(path));
  const tool = path.endsWith('.xz') ? 'xz' : 'zstd';
  const { code, stdout, stderr } = await runToEnd(tool, ['-dc', path], { seconds: 60 });
  if (code === 127)
    throw new ImageProblem(
      `${tool} is missing, for ${path}`,
      `apt-get install ${tool === 'xz' ? 'xz-utils' : 'zstd'}`,
    );
  if (code !== 0) throw new ImageProblem(`${path} cannot be decompressed: ${stderr.trim()}`);
  return stdout;
}

/** .modinfo is a list of strings, each ended by a zero. */
export function dependsOf(module: Buffer): readonly string[] {
  const key = '\0depends=';
  const at = module.indexOf(key);
  if (at < 0) return [];
  const from = at + key.length;
  const text = module.toString('latin1', from, module.indexOf(0, from));
  return text === '' ? [] : text.split(',').map((name) => name.replaceAll('-', '_'));
}
