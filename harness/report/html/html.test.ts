/** The HTML report: what it shows, and that no text of a spec becomes markup. */
import { describe, expect, test } from '@jest/globals';
import type { Case } from '../../spec/case.ts';
import { ATTACH, caseOf, runAll } from '../../testing/samples.ts';
import { htmlReporter } from './html.ts';

const steps = (count: number): string => `${ATTACH}
  - fire: nic/0
    expect: { interrupts: { nic/0: { cpu: 0, count: ${count} } } }
  - teardown: nic`;
const good = caseOf(steps(1), 'designs: [tracked]\ntags: [life]\nsource: a run');
const bad = caseOf(steps(2));

async function page(
  files: Readonly<Record<string, readonly Case[]>>,
  verbose = false,
): Promise<string> {
  let text = '';
  const reporter = htmlReporter({ columns: 100, write: (more) => void (text += more) });
  await runAll(files, { reporters: [reporter], verbose });
  await reporter.close();
  return text;
}

/** Names of elements that are opened and not closed, or the other way round. */
function unbalanced(html: string): string[] {
  const markup = html.replace(/<(style|script)>[^]*?<\/\1>/g, '');
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, slash, name = ''] of markup.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
    if (['meta', 'input'].includes(name)) continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

describe('the HTML report', () => {
  test('has a fold for each spec, its machine, its cases and their steps', async () => {
    const html = await page({ 'specs/a.spec.yaml': [good], 'specs/b.spec.yaml': [bad] });
    expect(unbalanced(html)).toEqual([]);
    expect(html.match(/<details class="spec/g)).toHaveLength(2);
    expect(html).toContain('<details class="spec bad" open>');
    expect(html).toMatch(/<b>smmu<\/b> <span class="note">smmu-v3, StreamID 0x10<\/span>/);
    expect(html).toMatch(/<b>its<\/b> <span class="note">gicv3-its 0x8080000, DeviceID 0x18</);
    expect(html).toContain('<td>setup nic, 2 vectors, cpu 0</td>');
    expect(html).toContain('source: a run');
    expect(html).toContain('<span class="tag">life</span>');
    expect(html).toContain('<h1>1 passed, 1 failed (2 files, 0 ms)</h1>');
  });

  test('a failure reads as in the other reports', async () => {
    const html = await page({ a: [bad] });
    expect(html).toContain('step 3  fire nic/0   DB404');
    expect(html).toContain('repeat   npx doorbell run sample.spec.yaml --design tracked');
  });

  test('verbose shows what happened within the steps', async () => {
    expect(await page({ a: [good] })).not.toContain('pci_alloc_irq_vectors');
    expect(await page({ a: [good] }, true)).toContain('pci_alloc_irq_vectors');
  });

  test('no text becomes markup', async () => {
    const odd = { ...bad, title: `<script>alert("1")</script> & \u001b[2J'` };
    const html = await page({ '<b>.yaml': [odd] });
    expect(html).toContain(
      '<b>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; \\x1b[2J&#39;</b>',
    );
    expect(html).toContain('&lt;b&gt;.yaml');
    expect(unbalanced(html)).toEqual([]);
  });

  test('is a page when nothing ran', async () => {
    const html = await page({});
    expect(html).toMatch(
      /^<!doctype html>[^]*<h1>nothing ran \(0 files, 0 ms\)<\/h1>[^]*<\/html>\n$/,
    );
    expect(unbalanced(html)).toEqual([]);
  });
});
