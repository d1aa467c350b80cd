/**
 * Errors that Jest shows at a line of YAML. The source map alone is not enough: the top frame of a
 * stack made here is this code, so the stack is written out.
 */
import { isAbsolute, join } from 'node:path';
import type { Place } from '../spec/case.ts';

/**
 * A frame as V8 writes it. A line of the message that looks like one would end the message early.
 */
const LOOKS_LIKE_FRAME = /^(\s*)at (?=.*:\d+:\d+)/gm;

export function errorAt(root: string, message: string, places: readonly Place[]): Error {
  const error = new Error(message.replaceAll(LOOKS_LIKE_FRAME, '$1in '));
  const frames = places.map(({ file, line, col }) => {
    const path = isAbsolute(file) ? file : join(root, file);
    return `    at step (${path}:${line}:${col})`;
  });
  error.stack = [`Error: ${error.message}`, ...frames].join('\n');
  return error;
}
