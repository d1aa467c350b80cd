const { expect, test } = require('@jest/globals');
const { openMachine } = require('doorbell/jest');

test('a vector that moves keeps the mapping of its doorbell', () => {
  const machine = openMachine({ topology: '../../../specs/topologies/virt-its.yaml', design: 'tracked' });
  machine.perform(
    { attach: { device: 'nic', domain: 'vm' } },
    { setup: { device: 'nic', vectors: 1, cpu: 0 } },
    { affinity: { vector: 'nic/0', cpu: 3 } },
    { fire: 'nic/0' },
  );
  expect(machine).toHaveDelivered('nic/0', { cpu: 3 });
  expect(machine).toHaveRefcount('vm', { pa: 0x0809_0000, size: '4K' }, 1);

  machine.perform({ teardown: 'nic' });
  expect(machine).toHaveNoMappings('vm');
  expect(machine).toHaveNoLeaks();
  expect(machine.whole).toHaveCommand({ MOVI: { 'event-id': 0, icid: 3 } });
});
