/**
 * `doorbell run one.spec.yaml` against `node -e 0`: what a user waits for before anything happens.
 */
import { join } from 'node:path';
import { alternate, ratio, timed } from './measure.mjs';
import { project, root } from './specs.mjs';

export async function run() {
  const folder = project(1);
  const [doorbell, node] = alternate(20, [
    () =>
      timed([join(root, 'dist/cli.js'), 'run', 'specs/generated-0000.spec.yaml'], { cwd: folder }),
    () => timed(['-e', '0'], { cwd: folder }),
  ]);
  return [ratio('doorbell run one.spec.yaml : node -e 0', doorbell, node, 3)];
}
