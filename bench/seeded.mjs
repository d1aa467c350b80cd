/**
 * What the fuzzers have in common: numbers from a seed, the same each time, and the processor's
 * time of one trial. DOORBELL_SEED draws others, DOORBELL_TRIALS more or fewer.
 */
import { env } from 'node:process';

/**
 * A whole number of the environment, hexadecimal too; a misspelt one is no reason to try something
 * else.
 */
function fromEnvironment(name, usual) {
  const text = env[name];
  if (text === undefined) return usual;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0 || text.trim() === '')
    throw new Error(`${name}=${text} is no whole number`);
  return value;
}

/** `trials`: how many there are usually, `seed`: of which numbers. */
export function seeded({ seed, trials }) {
  const chosen = fromEnvironment('DOORBELL_SEED', seed);
  return {
    seed: chosen,
    trials: fromEnvironment('DOORBELL_TRIALS', trials),
    next: random(chosen),
  };
}

/** mulberry32: a function from a bound to a whole number below it. */
function random(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/**
 * Milliseconds of the processor that this takes: another process that has it says nothing about us.
 */
export function ownTime(task) {
  const start = process.cpuUsage();
  task();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
