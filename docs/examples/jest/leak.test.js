const { expect, test } = require('@jest/globals');
const { openMachine } = require('doorbell/jest');

test('RFC v3 gives back what it took', () => {
  const machine = openMachine({
    topology: '../../../specs/topologies/virt-its.yaml',
    design: { 'rfc-v3': { 'initial-count': 2 } },
  });
  machine.perform(
    { attach: { device: 'nic', domain: 'vm' } },
    { setup: { device: 'nic', vectors: 1, cpu: 0 } },
    { teardown: 'nic' },
  );
  expect(machine).toHaveNoMappings('vm');
});
