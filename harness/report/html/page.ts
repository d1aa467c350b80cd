/** What stands around the specs: style, the summary, and the two ways to look for one. */
import type { Summary } from '../../run/events.ts';
import { plain } from '../style.ts';
import { summaryText } from '../summary-text.ts';
import { element, escaped } from './markup.ts';

const STYLE = `
:root { color-scheme: light dark; --good: #2e7d32; --bad: #c62828; --known: #b26a00; --dim: #6b7280; --line: #8884; --box: #8881; }
@media (prefers-color-scheme: dark) { :root { --good: #66bb6a; --bad: #ef6b67; --known: #f0b040; --dim: #9aa3af; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; display: flex; flex-direction: column; }
header { order: -1; position: sticky; top: 0; background: Canvas; padding: .5rem 0; border-bottom: 1px solid var(--line); z-index: 1; }
h1 { font-size: 1.15rem; margin: 0 0 .4rem; }
pre, code, td, .box { font-family: ui-monospace, 'DejaVu Sans Mono', monospace; font-size: .85rem; }
pre { overflow-x: auto; background: var(--box); padding: .6rem; margin: .4rem 0; }
td pre { max-width: calc(100vw - 8rem); box-sizing: border-box; }
summary { cursor: pointer; padding: .15rem 0; list-style-position: outside; margin-left: 1.1rem; }
.spec { border-bottom: 1px solid var(--line); order: 1; } .spec.bad { order: 0; }
.about, .case { margin-left: 1.6rem; }
.note { color: var(--dim); } .error { color: var(--bad); }
.marks { display: inline-flex; flex-wrap: wrap; gap: 2px; max-width: 14rem; vertical-align: middle; }
.mark { width: 9px; height: 14px; border-radius: 2px; background: var(--dim); }
.mark.PASS { background: var(--good); } .mark.FAIL, .mark.XPASS, .mark.ABORT { background: var(--bad); } .mark.XFAIL { background: var(--known); }
.status { font-weight: 600; } .PASS.status { color: var(--good); } .FAIL.status, .XPASS.status, .ABORT.status { color: var(--bad); }
.XFAIL.status, .SKIP.status { color: var(--known); }
.way { margin: .25rem 0; } .way i { font-style: normal; padding: 0 .4rem; color: var(--dim); }
.box { border: 1px solid var(--line); border-radius: 4px; padding: .1rem .4rem; background: var(--box); display: inline-block; }
.tag { font-size: .8rem; border-radius: 8px; padding: 0 .5rem; background: var(--box); }
td { padding: .05rem .8rem .05rem 0; vertical-align: top; }
.gone { display: none; }
`;

/** Nothing is fetched: a report is one file that can be mailed. */
const SCRIPT = `
const words = document.querySelector('#words'), only = document.querySelector('#only');
const specs = [...document.querySelectorAll('.spec')].map((each) => [each, each.textContent.toLowerCase()]);
const look = () => {
  const text = words.value.toLowerCase();
  for (const [each, all] of specs)
    each.classList.toggle('gone', !all.includes(text) || (only.checked && !each.classList.contains('bad')));
};
words.addEventListener('input', look);
only.addEventListener('change', look);
`;

export const pageStart = (): string =>
  `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Doorbell</title><style>${STYLE}</style></head><body>\n`;

/** The header stands first on the page and last in the file: it is known when all has run. */
export const pageEnd = (summary: Summary): string =>
  element(
    'header',
    '',
    `<h1>${escaped(summaryText(summary, plain))}</h1>` +
      '<input id="words" type="search" placeholder="words, a tag, a design, a code" size="36"> ' +
      '<label><input id="only" type="checkbox"> only what failed</label>',
  ) + `\n<script>${SCRIPT}</script></body></html>\n`;
