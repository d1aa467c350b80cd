/** How V8 is to compile what a run executes. */
import { setFlagsFromString } from 'node:v8';

/**
 * Most runs are over in a second or two and meet nearly all their code for the first time. V8
 * optimizes it on threads of its own, which take processors away from the run, and most of that
 * work is on copies of what a function calls. With twice its usual patience and a third of its
 * usual inlining, the project's own specs take 2.0 s of processors instead of 2.7; a long search of
 * interleavings, warm, takes 3 % longer.
 */
export function compileForRun(): void {
  setFlagsFromString('--interrupt-budget=130000');
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=300');
}

/**
 * Each of several threads compiles what it runs for itself: ten times as patient as V8 is by
 * itself, two take 1.9 s of processors for the project's own specs; as patient as one alone is
 * made, 2.5 s. A thread that collects its young objects does so alone: helpers would have to wait
 * for a processor that the other threads use (V8 reads the flag at each collection,
 * ScavengerCollector::NumberOfScavengeTasks); 3 % of the time.
 */
export function compileForJobs(): void {
  setFlagsFromString('--interrupt-budget=700000');
  setFlagsFromString('--no-parallel-scavenge');
}
