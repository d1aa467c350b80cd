/** A user's project in a temporary folder, with the packed tarball installed and Jest linked in. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Runs a command to its end, or kills it at the deadline: a test that hangs says nothing. */
export function run(command, args, options = {}) {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 120_000,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
    ...options,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, CI: '1', ...options.env },
  });
  if (error !== undefined) throw error;
  return { status: status ?? signal, stdout, stderr, output: stdout + stderr };
}

function must(result, what) {
  if (result.status !== 0) throw new Error(`${what} ended with ${result.status}\n${result.output}`);
  return result;
}

export class Project {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'doorbell-pack-'));
    this.write('package.json', '{ "name": "consumer", "private": true, "version": "1.0.0" }\n');
    this.write('jest.config.json', '{ "preset": "doorbell", "cacheDirectory": "./.jest-cache" }\n');
  }

  /** Packs as for a release, builds included, and installs without a registry. */
  install() {
    const packed = run('npm', ['pack', '--json', '--pack-destination', this.folder], { cwd: root });
    const json = must(packed, 'npm pack').stdout;
    const [{ filename, files }] = JSON.parse(json.slice(json.search(/^\[/m)));
    const flags = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts'];
    must(
      run('npm', ['install', ...flags, join(this.folder, filename)], { cwd: this.folder }),
      'npm install',
    );
    // As npm would have them beside jest, types included.
    for (const name of ['jest', '@jest', 'expect', '@types'])
      symlinkSync(join(root, 'node_modules', name), join(this.folder, 'node_modules', name));
    return files.map(({ path }) => path);
  }

  write(name, text) {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  edit(name, from, to) {
    const text = readFileSync(join(this.folder, name), 'utf8');
    if (!text.includes(from)) throw new Error(`${name} does not contain ${from}`);
    this.write(name, text.replace(from, to));
  }

  /** Jest's report as JSON beside what it printed. */
  jest(...args) {
    return this.jestWith({}, ...args);
  }

  jestWith(options, ...args) {
    const bin = join(this.folder, 'node_modules/jest/bin/jest.js');
    const report = join(this.folder, 'report.json');
    rmSync(report, { force: true });
    const reporting = ['--json', `--outputFile=${report}`, '--testLocationInResults'];
    const listing = args.includes('--listTests');
    const all = [bin, ...args, ...(listing ? [] : reporting)];
    const result = run(process.execPath, all, { cwd: this.folder, ...options });
    if (listing) return { ...result, listed: result.stdout.split('\n').filter(Boolean).sort() };
    let json;
    try {
      json = JSON.parse(readFileSync(report, 'utf8'));
    } catch {
      throw new Error(`jest wrote no report\n${result.output}`);
    }
    const tests = json.testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.map((test) => ({ ...test, file: name })),
    );
    return { ...result, json, tests };
  }

  doorbell(...args) {
    return run('npx', ['--no-install', 'doorbell', ...args], { cwd: this.folder });
  }

  /** The compiler as a consumer with strict library checks has it. */
  tsc(file) {
    const bin = join(root, 'node_modules/typescript/bin/tsc');
    const flags = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--types',
      'node',
    ];
    return run(process.execPath, [bin, ...flags, file], { cwd: this.folder });
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
