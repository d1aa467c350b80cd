/** The suite of the Linux target: it compiles the agent and boots guests. `npm run test:linux` prepares what it needs. */
import base from './jest.config.mjs';

export default async () => {
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
