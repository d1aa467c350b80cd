import tseslint from 'typescript-eslint';

/** The one module that imports the library; it lists what we use of it. */
const YAML_MODULES = ['harness/spec/yaml-library.ts'];

const notHere = (name, message) => ({ name, message });
const oneModule = [
  notHere('yaml', 'One module of harness/spec imports yaml.'),
  notHere('ajv', 'Only scripts/generate.mjs knows ajv.'),
];
const oneModulePatterns = [{ group: ['ajv/*'], message: 'Only scripts/generate.mjs knows ajv.' }];
const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Export by name: a default export has another name in each importer.',
};
const pure = 'src/ is pure: no clock, chance, console, process or I/O.';

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/', '**/generated/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-restricted-syntax': ['error', noDefaultExport],
      'no-restricted-imports': ['error', { paths: oneModule, patterns: oneModulePatterns }],
      'no-console': 'error',
      'max-lines': ['error', 400],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: oneModule,
          patterns: [
            { group: ['**/harness/**'], message: 'src/ does not know the harness.' },
            { group: ['node:*'], message: pure },
            ...oneModulePatterns,
          ],
        },
      ],
      'no-restricted-globals': ['error', notHere('process', pure), notHere('console', pure)],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: pure },
        { object: 'Math', property: 'random', message: pure },
        { object: 'performance', property: 'now', message: pure },
      ],
      'no-restricted-syntax': [
        'error',
        noDefaultExport,
        { selector: "NewExpression[callee.name='Date']", message: pure },
      ],
    },
  },
  { files: ['harness/cli/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    // Data that fits its schema holds scalars where they are made text.
    files: ['harness/spec/**/*.ts'],
    rules: { '@typescript-eslint/no-base-to-string': 'off' },
  },
  {
    files: YAML_MODULES,
    rules: {
      'no-restricted-imports': ['error', { paths: [oneModule[1]], patterns: oneModulePatterns }],
    },
  },
  { files: ['**/*.{mjs,cjs}'], rules: { 'max-lines': ['error', 400] } },
);
