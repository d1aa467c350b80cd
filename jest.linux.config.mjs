/**
 * The suite of the Linux target: it compiles the agent and boots guests. `npm run test:linux`
 * prepares what it needs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import base from './jest.config.mjs';

/**
 * What the commands that tests start remember of their folders. The prepared kernels stay where
 * they are.
 */
function temporaryState() {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-state-'));
  process.env['XDG_STATE_HOME'] = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}

export default async () => {
  temporaryState();
  const { projects } = await base();
  const units = projects.find(({ displayName }) => displayName === 'units');
  return {
    ...units,
    displayName: 'linux',
    testMatch: ['**/harness/targets/linux/**/*.guest-test.ts'],
    // A guest takes a core or two.
    maxWorkers: 1,
    testTimeout: 180_000,
  };
};
