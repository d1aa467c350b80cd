/** Small multiples on logarithmic axes as SVG: a column per parameter, time above memory. */
const PANEL = { width: 250, height: 180, left: 62, top: 36, gap: 24 };
const COLOURS = ['#0b6e99', '#2a9d5c', '#c0392b', '#b07d12'];
const ROWS = [
  { title: 'seconds to the verdict', unit: 's', of: ({ seconds }) => seconds },
  { title: 'megabytes', unit: 'MB', of: ({ bytes }) => Math.max(bytes, 1e6) / 1e6 },
];

const text = (x, y, words, more = '') => `<text x="${x}" y="${y}" ${more}>${words}</text>`;

function panel({ axis, series }, row, x, y) {
  const points = Object.values(series).flat();
  const xs = points.map(({ n }) => n);
  const ys = points.map(row.of);
  const [low, high] = [
    Math.floor(Math.log10(Math.min(...ys))),
    Math.ceil(Math.log10(Math.max(...ys))),
  ];
  const [first, last] = [Math.min(...xs), Math.max(...xs)];
  const px = (n) => x + ((n - first) / Math.max(1, last - first)) * PANEL.width;
  const py = (v) =>
    y + PANEL.height - ((Math.log10(v) - low) / Math.max(1, high - low)) * PANEL.height;
  const parts = [
    `<rect x="${x}" y="${y}" width="${PANEL.width}" height="${PANEL.height}" fill="none" stroke="#999"/>`,
    text(x + PANEL.width / 2, y + PANEL.height + 30, axis, 'text-anchor="middle"'),
    text(x, y - 8, row.title, 'font-weight="bold"'),
  ];
  for (let power = low; power <= high; power++) {
    const at = py(10 ** power).toFixed(1);
    parts.push(
      `<line x1="${x}" x2="${x + PANEL.width}" y1="${at}" y2="${at}" stroke="#ddd"/>`,
      text(x - 6, Number(at) + 4, `${10 ** power}`, 'text-anchor="end"'),
    );
  }
  for (const n of new Set(xs))
    parts.push(text(px(n), y + PANEL.height + 14, n, 'text-anchor="middle"'));
  Object.values(series).forEach((list, index) => {
    const at = list.map((point) => `${px(point.n).toFixed(1)},${py(row.of(point)).toFixed(1)}`);
    const colour = COLOURS[index];
    parts.push(
      `<polyline points="${at.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    );
    for (const place of at) {
      const [cx, cy] = place.split(',');
      parts.push(`<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`);
    }
  });
  return parts.join('\n');
}

/** `panels`: what is varied, and for each tool a list of { n, seconds, bytes }. */
export function chart(panels) {
  const column = PANEL.left + PANEL.width + PANEL.gap;
  const line = PANEL.top + PANEL.height + 44;
  const [width, height] = [column * panels.length, line * ROWS.length + 30];
  const body = ROWS.flatMap((row, r) =>
    panels.map((one, c) => panel(one, row, c * column + PANEL.left, r * line + PANEL.top)),
  );
  const legend = Object.keys(panels[0].series).map(
    (name, n) =>
      `<circle cx="${PANEL.left + n * 170}" cy="${height - 18}" r="4" fill="${COLOURS[n]}"/>` +
      text(PANEL.left + 10 + n * 170, height - 14, name),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#222">
<rect width="${width}" height="${height}" fill="#fff"/>
${[...body, ...legend].join('\n')}
</svg>
`;
}
