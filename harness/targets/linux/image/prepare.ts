/**
 * Makes a guest's image: a kernel of Debian by its name, or any kernel and modules by their paths.
 * Everything is under the cache folder; what is there and right is used again.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { GuestImage } from '../guest.ts';
import { agentSource, buildAgent } from './agent-build.ts';
import { cacheFolder, readIfThere, removePartials, sha256, writeWhole } from './cache.ts';
import { Debian, type Package } from './debian.ts';
import { pageSizeOf } from './image-header.ts';
import { initramfs } from './initramfs.ts';
import { isKernelName, KERNEL_NAMES, type KernelName, newest } from './kernels.ts';
import { modulesInOrder } from './modules.ts';
import { ImageProblem } from './problem.ts';

export interface PrepareOptions {
  /** A name of `KERNEL_NAMES`, or the path of an Image. */
  readonly kernel: string;
  /** The kernel's modules, for a path: the folder of its .ko files. */
  readonly modules?: string;
  /** A folder inside the package: where its source is looked for. */
  readonly from: string;
  readonly cache?: string;
  /** Told before each download, and what is done. */
  readonly say?: (line: string) => void;
  /** Fetch nothing: what is not there is an ImageProblem. */
  readonly offline?: boolean;
}

interface Files {
  readonly kernel: string;
  readonly modules: string | undefined;
}

/** What a name stands for, once it was fetched. */
interface KernelRecord {
  readonly kernel: string;
  readonly modules: string;
  readonly sha256: string;
}

export async function prepareImage(options: PrepareOptions): Promise<GuestImage> {
  const cache = options.cache ?? cacheFolder();
  removePartials(cache);
  const debian = new Debian(cache);
  const files = isKernelName(options.kernel)
    ? await debianKernel(options.kernel, debian, cache, options)
    : ownKernel(options);
  const busybox = readFileSync(await busyboxOf(debian, cache, options));
  const agent = readFileSync(await buildAgent(agentSource(options.from), cache));
  const modules = files.modules === undefined ? [] : await modulesInOrder(files.modules);
  const archive = initramfs(busybox, agent, modules);
  const path = join(cache, 'initramfs', `${sha256(archive).slice(0, 16)}.cpio`);
  if (!existsSync(path)) {
    writeWhole(path, archive);
    options.say?.(
      `initramfs  ${size(archive.length)}, modules ${modules.map(({ name }) => name).join(' ') || 'none'}`,
    );
  }
  const { kernel } = files;
  return { name: options.kernel, kernel, initramfs: path, pageSize: pageSizeOf(kernel) };
}

function ownKernel({ kernel, modules }: PrepareOptions): Files {
  const path = resolve(kernel);
  if (!existsSync(path))
    throw new ImageProblem(
      `there is no kernel ${kernel}`,
      `a path of an Image, or one of ${KERNEL_NAMES.join(', ')}`,
    );
  return { kernel: path, modules: modules === undefined ? undefined : resolve(modules) };
}

async function debianKernel(
  name: KernelName,
  debian: Debian,
  cache: string,
  options: PrepareOptions,
): Promise<Files> {
  const recordPath = join(cache, 'kernels', `${name}.json`);
  const known = readRecord(recordPath);
  if (known !== undefined) return known;
  if (options.offline === true) throw missing(`kernel ${name}`);
  const wanted = await debian.find(newest(name, await debian.search('^linux-image-6.*arm64$')));
  announce(wanted, options);
  const root = await debian.unpack(wanted);
  const boot = readdirSync(join(root, 'boot')).find((file) => file.startsWith('vmlinuz-'));
  if (boot === undefined) throw new ImageProblem(`${wanted.file} has no kernel in it`);
  const kernel = join(root, 'boot', boot);
  const record: KernelRecord = {
    kernel,
    modules: join(root, 'lib', 'modules', boot.replace('vmlinuz-', '')),
    sha256: sha256(readFileSync(kernel)),
  };
  writeWhole(recordPath, JSON.stringify(record, null, 2));
  return record;
}

/** Undefined when it is not there or the kernel is not the one that was fetched. */
function readRecord(path: string): KernelRecord | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  try {
    const record = JSON.parse(text) as KernelRecord;
    return sha256(readFileSync(record.kernel)) === record.sha256 ? record : undefined;
  } catch {
    return undefined;
  }
}

async function busyboxOf(debian: Debian, cache: string, options: PrepareOptions): Promise<string> {
  const inside = ['bin', 'busybox'];
  const there = join(cache, 'packages', 'busybox-static', ...inside);
  if (existsSync(there)) return there;
  if (options.offline === true) throw missing('busybox');
  const wanted = await debian.find('busybox-static');
  announce(wanted, options);
  return join(await debian.unpack(wanted), ...inside);
}

const missing = (what: string): ImageProblem =>
  new ImageProblem(`${what} is not prepared`, 'doorbell linux setup');

const size = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function announce({ url, bytes }: Package, { say }: PrepareOptions): void {
  say?.(`fetching   ${size(bytes)}  ${url}`);
}
