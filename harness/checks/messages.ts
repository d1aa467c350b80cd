/** `messages`: what the device's message registers hold. */
import type { Message } from '../../src/observation.ts';
import type { ExpectMessage } from '../spec/case.ts';
import type { Captures } from './captures.ts';
import { failed, HELD, moment, type Outcome, type Scene, unseen } from './finding.ts';
import { address, hex } from './text.ts';

export function checkMessage(expectation: ExpectMessage, scene: Scene): Outcome {
  const { device, index } = expectation;
  const { captures } = scene;
  const seen = scene.observation.message(device, index);
  if (!seen.seen) return unseen(seen.reason);
  const before = captures.snapshot();
  if (fits(expectation, seen.value, captures)) return HELD;
  captures.restore(before);
  const vector = `${device}/${index}`;
  const expected = wantedText(expectation, captures);
  const observed = messageText(seen.value);
  return failed(
    {
      code: 'DB403',
      place: expectation.place,
      message: `${moment(scene)}, ${vector} should have the message ${expected}; it has ${observed}`,
      table: { title: `message of ${vector}`, rows: [{ expected, observed, differs: true }] },
      vector: { device, index },
    },
    expectation.why,
  );
}

function fits(expectation: ExpectMessage, message: Message, captures: Captures): boolean {
  if (expectation.none) return message.address === 0n && message.data === 0;
  return (
    captures.meets(expectation.data, BigInt(message.data)) &&
    captures.meets(expectation.address, message.address)
  );
}

const messageText = (message: Message): string =>
  message.address === 0n && message.data === 0
    ? 'none (all zero)'
    : `${address(message.address)} / ${hex(message.data)}`;

function wantedText({ none, address: where, data }: ExpectMessage, captures: Captures): string {
  if (none) return 'none (all zero)';
  const text = (expr: ExpectMessage['address']): string => (expr ? captures.text(expr) : '*');
  return `${text(where)} / ${text(data)}`;
}
