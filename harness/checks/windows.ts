/** `windows`: the IOVAs that a domain sets aside for doorbells. */
import type { WindowUse } from '../../src/observation.ts';
import type { ExpectWindow } from '../spec/case.ts';
import type { Captures } from './captures.ts';
import { failed, HELD, moment, type Outcome, type Scene, unseen } from './finding.ts';

export function checkWindow(expectation: ExpectWindow, scene: Scene): Outcome {
  const { domain, place, why } = expectation;
  const { captures } = scene;
  const seen = scene.observation.window(domain);
  if (!seen.seen) return unseen(seen.reason);
  const before = captures.snapshot();
  if (fits(expectation, seen.value, captures)) return HELD;
  captures.restore(before);
  const expected = wantedText(expectation, captures);
  const observed = useText(seen.value);
  const message = `${moment(scene)}, ${domain} should have ${expected}; it has ${observed}`;
  const table = { title: `window of ${domain}`, rows: [{ expected, observed, differs: true }] };
  return failed({ code: 'DB409', place, message, table }, why);
}

function fits(expectation: ExpectWindow, use: WindowUse | undefined, captures: Captures): boolean {
  if (use === undefined || expectation.none) return use === undefined && expectation.none;
  return (
    captures.meets(expectation.pages, BigInt(use.pages)) &&
    captures.meets(expectation.free, BigInt(use.free))
  );
}

const useText = (use: WindowUse | undefined): string =>
  use === undefined ? 'no window' : `a window of ${use.pages} pages, ${use.free} free`;

function wantedText({ none, pages, free }: ExpectWindow, captures: Captures): string {
  if (none) return 'no window';
  const size = pages === undefined ? 'a window' : `a window of ${captures.text(pages)} pages`;
  return free === undefined ? size : `${size}, ${captures.text(free)} free`;
}
