/** `npm run bench`: all figures in one table. Names as arguments take a selection. */
const NAMES = [
  'model',
  'start-up',
  'thousand-specs',
  'corpus',
  'jest-overhead',
  'explore',
  'acpi-fuzz',
  'fdt-fuzz',
  'loader-fuzz',
  'step-fuzz',
  'unused',
  'firmware',
];
/** Only by name: it needs what `doorbell linux setup` prepares. */
const BY_NAME = ['linux'];

const asked = process.argv.slice(2);
for (const name of asked)
  if (![...NAMES, ...BY_NAME].includes(name))
    throw new Error(`no figure ${name}; there are ${[...NAMES, ...BY_NAME].join(', ')}`);

const NAME_WIDTH = 66;
const FIGURE_WIDTH = 28;
// Some figures take minutes: each is told when it is there, so that a run that is stopped has not
// been for nothing.
for (const each of asked.length > 0 ? asked : NAMES) {
  const { run } = await import(`./${each}.mjs`);
  for await (const { name, figure, target, ok } of await run()) {
    const columns = [name.padEnd(NAME_WIDTH), figure.padStart(FIGURE_WIDTH), target];
    console.log(`${ok ? 'ok  ' : 'MISS'}  ${columns.join('  ')}`);
    if (!ok) process.exitCode = 1;
  }
}
