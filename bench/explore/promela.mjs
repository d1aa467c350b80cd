/** The scenario (src/explore/scenario/) in Promela, for SPIN. */
const times = (n) => [...Array(n).keys()];

/**
 * A process per device, each transition a d_step that ends where it began: as many states as the
 * scenario has.
 */
export function promela({ cpus, devices, vectors, slots, pages, strategy }) {
  const most = devices * vectors + devices;
  const page = (cpu) => (pages === 1 ? 0 : cpu);
  const pageOf = (cpu) => (pages === 1 ? '0' : cpu);
  const vec = (field, v) => `${field}[_pid * ${vectors} + ${v}]`;
  const me = (field) => `${field}[_pid]`;
  const free = (slot) =>
    times(pages)
      .map((q) => `bs[${q}] != ${slot}`)
      .join(' && ');
  const idle = `${me('pc')} = 0; ${me('v')} = 0; ${me('c')} = 0`;
  const option = (guard, ...work) => `  :: d_step { ${guard} -> ${work.join('; ')} }`;

  /** One option for another reference, and one for each free slot. */
  const get = (guard, cpu, ...work) => [
    option(
      `${guard} && br[${page(cpu)}] > 0 && br[${page(cpu)}] < ${most}`,
      'leak()',
      `br[${page(cpu)}]++`,
      ...work,
    ),
    ...times(slots).map((s) =>
      option(
        `${guard} && br[${page(cpu)}] == 0 && ${free(s + 1)}`,
        'leak()',
        `br[${page(cpu)}] = 1; bs[${page(cpu)}] = ${s + 1}`,
        ...work,
      ),
    ),
  ];
  const put = (q) => `br[${q}]--; if :: br[${q}] == 0 -> bs[${q}] = 0 :: else fi`;
  const at = (pc, v) => `${me('pc')} == ${pc} && ${me('v')} == ${v}`;
  const address = (v) => `${vec('slot', v)} = bs[${pageOf(me('c'))}]`;

  const options = times(vectors).flatMap((v) => {
    const [act, cpu, slot] = ['act', 'cpu', 'slot'].map((field) => vec(field, v));
    const take = (pc, c) => `${me('pc')} = ${pc}; ${me('v')} = ${v}; ${me('c')} = ${c}`;
    const idleNow = `${me('pc')} == 0`;
    return [
      ...times(cpus).flatMap((c) => get(`${idleNow} && !${act}`, c, take(1, c))),
      ...times(cpus).flatMap((c) => get(`${idleNow} && ${act} && ${cpu} != ${c}`, c, take(3, c))),
      option(`${idleNow} && ${act}`, 'leak()', `${act} = 0`, take(6, 0)),
      option(at(1, v), address(v), `${me('pc')} = 2`),
      option(at(2, v), `${cpu} = ${me('c')}`, `${act} = 1`, idle),
      strategy === 'early-release'
        ? option(at(3, v), put(pageOf(cpu)), `${me('pc')} = 7`)
        : option(at(3, v), address(v), `${me('pc')} = 4`),
      strategy === 'tracked'
        ? option(
            at(4, v),
            `old = ${cpu}; ${cpu} = ${me('c')}; ${me('c')} = old; old = 0`,
            `${me('pc')} = 5`,
          )
        : option(at(4, v), `${cpu} = ${me('c')}`, idle),
      ...(strategy === 'tracked' ? [option(at(5, v), put(pageOf(me('c'))), idle)] : []),
      option(at(6, v), put(pageOf(cpu)), `${cpu} = 0; ${slot} = 0`, idle),
      ...(strategy === 'early-release' ? [option(at(7, v), address(v), `${me('pc')} = 4`)] : []),
      // The device fires: its message must reach a live binding, and its own CPU's unless it is
      // being changed.
      option(
        act,
        `assert(${times(pages)
          .map((q) => `(br[${q}] > 0 && bs[${q}] == ${slot})`)
          .join(' || ')})`,
        `assert((${at(4, v)}) || (br[${pageOf(cpu)}] > 0 && bs[${pageOf(cpu)}] == ${slot}))`,
      ),
    ];
  });
  const sum = (name, n) =>
    times(n)
      .map((i) => `${name}[${i}]`)
      .join(' + ');
  return `
byte bs[${pages}]; byte br[${pages}];
bit act[${devices * vectors}]; byte cpu[${devices * vectors}]; byte slot[${devices * vectors}];
byte pc[${devices}]; byte v[${devices}]; byte c[${devices}];
hidden byte old;
inline leak() {
  assert((${sum('pc', devices)}) > 0 || (${sum('br', pages)}) == (${sum('act', devices * vectors)}));
  assert(${times(pages)
    .map((q) => `((br[${q}] == 0) == (bs[${q}] == 0))`)
    .join(' && ')})
}
active [${devices}] proctype device() {
  do
${options.join('\n')}
  od
}
`;
}
