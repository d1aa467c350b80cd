import makeValidators from './scripts/jest-setup.mjs';
import { buildJest } from './scripts/build-jest.mjs';

/** Two projects: unit tests beside the sources, and the specs through the preset that users get. */
const esmOnly = [
  'ansi-escapes',
  'ansi-regex',
  'ansi-styles',
  'cli-cursor',
  'cli-truncate',
  'environment',
  'eventemitter3',
  'get-east-asian-width',
  'is-fullwidth-code-point',
  'listr2',
  'log-update',
  'mimic-function',
  'onetime',
  'restore-cursor',
  'slice-ansi',
  'string-width',
  'strip-ansi',
  'wrap-ansi',
];

const swc = [
  '@swc/jest',
  {
    jsc: { parser: { syntax: 'typescript', importAttributes: true }, target: 'es2022' },
    sourceMaps: 'inline',
  },
];

const units = {
  displayName: 'units',
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/test/pack/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json'],
  transform: { '\\.m?[jt]s$': swc },
  // Its CommonJS build imports other packages with import(), which Jest's CommonJS cannot.
  moduleNameMapper: { '^listr2$': '<rootDir>/node_modules/listr2/dist/index.js' },
  // These packages are ES modules only; Jest loads CommonJS unless Node runs with a flag.
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
};

const specs = {
  displayName: 'specs',
  preset: './jest-preset.cjs',
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'yaml', 'yml'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  // The first are invalid on purpose; harness/spec tests that each fails as its file says. The
  // others the docs test runs.
  testPathIgnorePatterns: ['/node_modules/', '/specs/fault/', '/docs/examples/jest/'],
  // The sources instead of their bundle, so that specs count towards the coverage of src/.
  moduleNameMapper: { '/dist/jest/runtime\\.cjs$': '<rootDir>/harness/jest/runtime.ts' },
  transform: { '\\.ts$': swc },
};

/** The project's own run is never of a stale build: what Jest loads of it is made here. */
export default async () => {
  await makeValidators();
  await buildJest();
  return {
    projects: [units, specs],
    globalSetup: './scripts/jest-temp-folder.mjs',
    // A busy machine is slow; a test that hangs is found all the same.
    testTimeout: 60_000,
    collectCoverageFrom: ['src/**/*.ts', 'harness/**/*.ts', '!**/*.test.ts', '!**/generated/**'],
  };
};
