/**
 * The scenario (src/explore/scenario/) in Murphi, for Rumur; with scalarsets, so that its symmetry
 * reduction applies.
 */

export function murphi({ cpus, devices, vectors, slots, pages, strategy }) {
  const set = (n) => (n > 1 ? `scalarset(${n})` : '0..0');
  // Not another name for cpu_t: Rumur takes that for a set of its own, and renames the two
  // differently.
  const page_t = pages === 1 ? '0..0' : 'cpu_t';
  const page = (cpu) => (pages === 1 ? '0' : cpu);
  const state = (d) => `th[${d}]`;
  const rule = (name, guard, ...work) => `rule "${name}" ${guard} ==> ${work.join(' ')} end;`;
  const forDevice = (body) => `ruleset d: dev_t do ${body} end;`;
  const idle = 'th[d].pc := 0; undefine th[d].v; undefine th[d].c;';
  const put = (q) =>
    `bnd[${q}].ref := bnd[${q}].ref - 1; if bnd[${q}].ref = 0 then undefine bnd[${q}].slot; end;`;
  const mine = 'vec[d][th[d].v]';
  const at = (pc) => `${state('d')}.pc = ${pc}`;
  const address = `${mine}.slot := bnd[${page('th[d].c')}].slot;`;
  const take = (pc) => `th[d].pc := ${pc}; th[d].v := v; th[d].c := c;`;
  const get = (name, guard, pc) => `
ruleset d: dev_t; v: vec_t; c: cpu_t do
  ${rule(`${name}: another reference`, `${at(0)} & ${guard} & bnd[${page('c')}].ref > 0 & bnd[${page('c')}].ref < RMAX`, `bnd[${page('c')}].ref := bnd[${page('c')}].ref + 1;`, take(pc))}
end;
ruleset d: dev_t; v: vec_t; c: cpu_t; s: slot_t do
  ${rule(
    `${name}: first reference`,
    `${at(0)} & ${guard} & bnd[${page('c')}].ref = 0 & (forall q: ${page_t} do isundefined(bnd[q].slot) | bnd[q].slot != s end)`,
    `bnd[${page('c')}].ref := 1; bnd[${page('c')}].slot := s;`,
    take(pc),
  )}
end;`;
  const early = strategy === 'early-release';
  const tracked = strategy === 'tracked';
  return `
const RMAX: ${devices * vectors + devices};
type cpu_t: ${set(cpus)}; dev_t: ${set(devices)}; vec_t: ${set(vectors)}; slot_t: ${set(slots)};
var
  bnd: array[${page_t}] of record slot: slot_t; ref: 0..RMAX; end;
  vec: array[dev_t] of array[vec_t] of record act: boolean; cpu: cpu_t; slot: slot_t; end;
  th: array[dev_t] of record pc: 0..7; v: vec_t; c: cpu_t; end;
startstate
  for q: ${page_t} do undefine bnd[q].slot; bnd[q].ref := 0; end;
  for d: dev_t do
    for v: vec_t do vec[d][v].act := false; undefine vec[d][v].cpu; undefine vec[d][v].slot; end;
    ${idle}
  end;
end;
${get('set up', '!vec[d][v].act', 1)}
${get('affinity', 'vec[d][v].act & vec[d][v].cpu != c', 3)}
ruleset d: dev_t; v: vec_t do
  ${rule('mask', `${at(0)} & vec[d][v].act`, 'vec[d][v].act := false; th[d].pc := 6; th[d].v := v;')}
  ${rule('fire', 'vec[d][v].act')}
end;
${forDevice(rule('set up: address', at(1), address, 'th[d].pc := 2;'))}
${forDevice(rule('set up: data', at(2), `${mine}.cpu := th[d].c; ${mine}.act := true;`, idle))}
${forDevice(early ? rule('release', at(3), put(page(`${mine}.cpu`)), 'th[d].pc := 7;') : rule('affinity: address', at(3), address, 'th[d].pc := 4;'))}
ruleset d: dev_t do rule "affinity: data" ${at(4)} ==>
  var old: cpu_t;
  begin old := ${mine}.cpu; ${mine}.cpu := th[d].c; ${tracked ? 'th[d].c := old; th[d].pc := 5;' : idle}
end; end;
${tracked ? forDevice(rule('release', at(5), put(page('th[d].c')), idle)) : ''}
${forDevice(rule('tear down', at(6), put(page(`${mine}.cpu`)), `undefine ${mine}.cpu; undefine ${mine}.slot;`, idle))}
${early ? forDevice(rule('affinity: address', at(7), address, 'th[d].pc := 4;')) : ''}
invariant "mapped" forall d: dev_t do forall v: vec_t do vec[d][v].act ->
  (exists q: ${page_t} do bnd[q].ref > 0 & bnd[q].slot = vec[d][v].slot end) end end;
invariant "its own doorbell" forall d: dev_t do forall v: vec_t do
  (vec[d][v].act & !(${at(4)} & th[d].v = v)) ->
  (bnd[${page('vec[d][v].cpu')}].ref > 0 & bnd[${page('vec[d][v].cpu')}].slot = vec[d][v].slot) end end;
invariant "bound" forall q: ${page_t} do (bnd[q].ref = 0) = isundefined(bnd[q].slot) end;
function balance(): -1000..1000;
var n: -1000..1000;
begin
  n := 0;
  for q: ${page_t} do n := n + bnd[q].ref; end;
  for d: dev_t do for v: vec_t do if vec[d][v].act then n := n - 1; end; end; end;
  return n;
end;
invariant "references" (forall d: dev_t do ${at(0)} end) -> balance() = 0;
`;
}
