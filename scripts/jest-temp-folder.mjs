/**
 * Jest's globalSetup: what tests write, and what the commands that they start remember, goes below
 * one temporary folder, which goes with the run. Jest's own cache is elsewhere: its place is
 * settled before this.
 */
import { join } from 'node:path';
import { scratch } from '../bench/scratch.mjs';

export default function setup() {
  const folder = scratch('doorbell-tests-');
  // Workers and the commands that tests start inherit it.
  process.env['TMPDIR'] = folder;
  process.env['XDG_STATE_HOME'] = join(folder, 'state');
}
