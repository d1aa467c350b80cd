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

const rows = [];
for (const name of asked.length > 0 ? asked : NAMES) {
  const { run } = await import(`./${name}.mjs`);
  rows.push(...(await run()));
}
const width = (key) => Math.max(...rows.map((row) => row[key].length));
const [names, figures] = [width('name'), width('figure')];
for (const { name, figure, target, ok } of rows)
  console.log(
    `${ok ? 'ok  ' : 'MISS'}  ${name.padEnd(names)}  ${figure.padStart(figures)}  ${target}`,
  );
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
