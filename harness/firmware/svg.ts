/** Graphviz, compiled to WebAssembly. Loaded only for `--svg`. */
import { instance } from '@viz-js/viz';

/** @returns The SVG, or what Graphviz says is wrong with the graph. */
export async function svgOf(
  dot: string,
): Promise<{ readonly svg: string } | { readonly error: string }> {
  const viz = await instance();
  const result = viz.render(dot, { format: 'svg' });
  return result.status === 'success'
    ? { svg: result.output }
    : { error: result.errors.map(({ message }) => message).join('; ') };
}
