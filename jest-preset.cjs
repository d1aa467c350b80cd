/** `preset: 'doorbell'` in a Jest configuration makes a test file of each *.spec.yaml. */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['**/*.spec.yaml', '**/*.spec.yml'],
  // Jest knows no file whose extension is not in this list: its own, without which the project's
  // other tests would silently not run, and those of specs.
  moduleFileExtensions: [
    ...['js', 'mjs', 'cjs', 'jsx', 'ts', 'mts', 'cts', 'tsx', 'json', 'node'],
    ...['yaml', 'yml'],
  ],
  transform: { '\\.spec\\.ya?ml$': require.resolve('./dist/jest/transformer.cjs') },
  dependencyExtractor: require.resolve('./dist/jest/dependency-extractor.cjs'),
};
