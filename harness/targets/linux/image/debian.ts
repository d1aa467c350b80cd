/**
 * Debian's arm64 packages, fetched with apt from the sources that this machine has, and unpacked;
 * nothing is installed, and apt keeps its lists in our cache, so that neither root nor `dpkg
 * --add-architecture` is needed.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from '../processes.ts';
import { readIfThere, sha256, writeWhole } from './cache.ts';
import { ImageProblem } from './problem.ts';

export interface Package {
  readonly name: string;
  readonly file: string;
  readonly url: string;
  readonly bytes: number;
  readonly sha256: string;
}

export class Debian {
  private readonly cache: string;
  private updated = false;

  constructor(cache: string) {
    this.cache = cache;
  }

  /** Packages whose name matches, as `apt-cache search --names-only` has them. */
  async search(pattern: string): Promise<readonly string[]> {
    const { stdout } = await this.apt('apt-cache', ['search', '--names-only', pattern], 60);
    return stdout
      .toString()
      .split('\n')
      .map((line) => line.split(' ')[0] ?? '')
      .filter((name) => name !== '');
  }

  async find(name: string): Promise<Package> {
    const show = await this.apt('apt-cache', ['show', '--no-all-versions', name], 60);
    const text = show.stdout.toString();
    const field = (key: string): string | undefined =>
      new RegExp(`^${key}: (.*)$`, 'm').exec(text)?.[1];
    const printed = await this.apt('apt-get', ['--print-uris', 'download', name], 60);
    const match = /^'([^']+)' (\S+) (\d+) /m.exec(printed.stdout.toString());
    const hash = field('SHA256');
    if (match === null || hash === undefined)
      throw new ImageProblem(`apt knows no package ${name} for arm64`);
    const [, url = '', file = '', bytes = '0'] = match;
    return { name, file, url, bytes: Number(field('Size') ?? bytes), sha256: hash };
  }

  /**
   * The folder with the package's files. What was fetched must have the hash of apt's signed lists.
   */
  async unpack(wanted: Package): Promise<string> {
    const target = join(this.cache, 'packages', wanted.name);
    const mark = join(target, '.sha256');
    if (readIfThere(mark) === wanted.sha256) return target;
    const downloads = join(this.cache, 'downloads');
    mkdirSync(downloads, { recursive: true });
    await this.apt('apt-get', ['download', wanted.name], 1200, downloads);
    const deb = join(downloads, wanted.file);
    if (!existsSync(deb)) throw new ImageProblem(`apt-get downloaded no ${wanted.file}`);
    const found = sha256(readFileSync(deb));
    if (found !== wanted.sha256) {
      rmSync(deb);
      throw new ImageProblem(
        `${wanted.file} has SHA-256 ${found}, not ${wanted.sha256}; it was deleted`,
      );
    }
    const partial = `${target}.${process.pid}.partial`;
    mkdirSync(partial, { recursive: true });
    const unpacked = await runToEnd('dpkg-deb', ['-x', deb, partial], { seconds: 300 });
    if (unpacked.code !== 0) {
      rmSync(partial, { recursive: true });
      throw new ImageProblem(`dpkg-deb could not unpack ${deb}: ${unpacked.stderr.trim()}`);
    }
    writeFileSync(join(partial, '.sha256'), wanted.sha256);
    rmSync(target, { recursive: true, force: true });
    renameSync(partial, target);
    rmSync(deb);
    return target;
  }

  private async apt(program: string, args: readonly string[], seconds: number, cwd?: string) {
    if (!this.updated) await this.update();
    return this.run(program, args, seconds, cwd);
  }

  /**
   * Lists that are there are good enough until a package of theirs is gone; a day is Debian's own
   * habit.
   */
  private async update(): Promise<void> {
    const lists = join(this.cache, 'apt', 'state', 'lists');
    for (const path of ['state/lists/partial', 'cache/archives/partial'])
      mkdirSync(join(this.cache, 'apt', path), { recursive: true });
    writeWhole(join(this.cache, 'apt', 'status'), '');
    this.updated = true;
    const stamp = join(this.cache, 'apt', 'updated');
    const age = Date.now() - Number(readIfThere(stamp) ?? 0);
    if (age < 24 * 3600_000 && readdirSync(lists).length > 2) return;
    await this.run('apt-get', ['update'], 600);
    writeWhole(stamp, String(Date.now()));
  }

  private async run(program: string, args: readonly string[], seconds: number, cwd?: string) {
    const at = join(this.cache, 'apt');
    const options = [
      `Dir::State=${at}/state`,
      `Dir::State::status=${at}/status`,
      `Dir::Cache=${at}/cache`,
      'APT::Architecture=arm64',
      'APT::Architectures=arm64',
      'Acquire::Languages=none',
      // apt gives up root for a user who cannot write to our folder.
      `APT::Sandbox::User=${process.getuid?.() === 0 ? 'root' : ''}`,
    ].flatMap((option) => ['-o', option]);
    const ended = await runToEnd(program, [...options, ...args], {
      seconds,
      ...(cwd === undefined ? {} : { cwd }),
    });
    if (ended.code === 127)
      throw new ImageProblem(
        `${program} is missing: Debian's kernels are fetched with apt`,
        'on another system give --kernel and --modules',
      );
    if (ended.code !== 0) {
      const last = ended.stderr.trim().split('\n').slice(-3).join('; ');
      throw new ImageProblem(`${program} ${args.join(' ')} ended with ${ended.code}: ${last}`);
    }
    return ended;
  }
}
