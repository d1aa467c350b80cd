/** What all bundles have in common. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));

/**
 * yaml's build for browsers is the same parser as ES modules: parts that are not used can be left
 * out, and it needs no require(). (Its build for Node is CommonJS.)
 */
const yamlAsModules = {
  name: 'yaml-as-modules',
  setup(bundler) {
    const path = `${root}/node_modules/yaml/browser/dist/index.js`;
    bundler.onResolve({ filter: /^yaml$/ }, () => ({ path, sideEffects: false }));
  },
};

export const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
  legalComments: 'none',
  metafile: true,
  plugins: [yamlAsModules],
  define: { DOORBELL_VERSION: JSON.stringify(version) },
};
