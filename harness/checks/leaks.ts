/** `leaks`: references that no programmed message accounts for. At the end there must be none. */
import type { ExpectLeaks } from '../spec/case.ts';
import { failed, HELD, moment, type Outcome, type Scene, type Table, unseen } from './finding.ts';
import { mappingText } from './mappings.ts';
import { referenceNote } from './reference-story.ts';
import { count } from './text.ts';

export function checkLeaks(expectation: ExpectLeaks, scene: Scene): Outcome[] {
  const domains = expectation.domain === '*' ? scene.domains : [expectation.domain];
  return domains.map((domain) => {
    const leaks = scene.observation.leaks(domain);
    if (!leaks.seen) return unseen(leaks.reason);
    if (scene.captures.meets(expectation.count, BigInt(leaks.value))) return HELD;
    const wanted = scene.captures.text(expectation.count);
    const has = count(leaks.value, 'leaked reference');
    const message = `${moment(scene)}, ${domain} should have ${wanted} leaked references; it has ${has}`;
    return failed(
      { code: 'DB408', place: expectation.place, message, table: held(scene, domain) },
      expectation.why,
    );
  });
}

/** What no expectation of the end speaks of. */
export function checkNoLeaks(scene: Scene): Outcome[] {
  const spoken = new Set(scene.case.expect.flatMap((e) => (e.kind === 'leaks' ? [e.domain] : [])));
  if (spoken.has('*')) return [];
  return scene.domains.flatMap((domain): Outcome[] => {
    if (spoken.has(domain)) return [];
    const leaks = scene.observation.leaks(domain);
    if (!leaks.seen) return [unseen(leaks.reason)];
    if (leaks.value === 0) return [HELD];
    const message = `at the end, ${domain} holds ${count(leaks.value, 'reference')} that no message accounts for`;
    const hint = `if that is meant, at the end: leaks: { ${domain}: ${leaks.value} }`;
    const { place } = scene.case;
    return [failed({ code: 'DB415', place, message, hint, table: held(scene, domain) })];
  });
}

/** The doorbells that the domain still maps, and who took their references. */
function held(scene: Scene, domain: string): Table {
  const mappings = scene.observation.mappings(domain);
  const doorbells = mappings.seen ? mappings.value.filter(({ doorbell }) => doorbell) : [];
  return {
    title: `domain ${domain}`,
    rows: doorbells.map((mapping) => {
      const note = referenceNote(scene, domain, mapping.iova);
      const observed = mappingText(mapping);
      return { expected: '-', observed, differs: note !== undefined, ...(note ? { note } : {}) };
    }),
  };
}
