/** Keys of --watch, from a terminal or from whatever else standard input is. */

const KEYS = {
  a: 'all',
  f: 'failed',
  q: 'quit',
  '\r': 'again',
  '\n': 'again',
} as const;
export type Key = (typeof KEYS)[keyof typeof KEYS];

const isKey = (text: string): text is keyof typeof KEYS => Object.hasOwn(KEYS, text);
/** In raw mode Ctrl-C is a character. */
const CTRL_C = '\u0003';

export function keyPresses(told: (key: Key) => void): { close(): void } {
  const { stdin } = process;
  const onData = (data: Buffer): void => {
    for (const text of data.toString('utf8')) {
      if (text === CTRL_C) process.kill(process.pid, 'SIGINT');
      else if (isKey(text)) told(KEYS[text]);
    }
  };
  const raw = (on: boolean): void => {
    if (stdin.isTTY) stdin.setRawMode(on);
  };
  // A second Ctrl-C ends the process where it stands; the terminal must not stay raw.
  const restore = (): void => raw(false);
  process.once('exit', restore);
  raw(true);
  stdin.on('data', onData);
  return {
    close: () => {
      process.off('exit', restore);
      raw(false);
      stdin.off('data', onData);
      stdin.pause();
      stdin.unref();
    },
  };
}
