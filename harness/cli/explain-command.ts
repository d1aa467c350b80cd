/**
 * `doorbell explain`: from a board's firmware, which doorbell and which IDs each device gets, and
 * why.
 */
import { resolve } from 'node:path';
import { explanationJson } from '../../src/firmware/explanation-json.ts';
import type { Explanation, FirmwareDiagnostic } from '../../src/firmware/explanation.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { explanationText } from '../firmware/explain-text.ts';
import { openFirmware } from '../firmware/open.ts';
import { selected, type Selection } from '../firmware/select.ts';
import { bridgeWays, platformWay } from '../firmware/way-text.ts';
import { EXIT } from '../run/exit-codes.ts';
import { styleFor } from '../report/style.ts';
import { printDiagnostics } from './print.ts';
import type { ExplainFlags } from './flags.ts';
import { environment, pageWidth, wantsColour } from './terminal.ts';
import { writeOutput } from './write-output.ts';

export async function explainCommand(file: string, flags: ExplainFlags): Promise<number> {
  const firmware = await open(file);
  if (Array.isArray(firmware)) {
    printDiagnostics(firmware, flags.color);
    return EXIT.usage;
  }
  if ('code' in firmware) return refuse(file, [firmware], flags.color);
  if (firmware.diagnostics.some(({ severity }) => severity === 'error'))
    return refuse(file, firmware.diagnostics, flags.color);
  printFirmware(file, firmware.diagnostics, flags.color);
  const found = selected(firmware, flags);
  if ('code' in found) return refuse(file, [found], flags.color);
  if (flags.svg !== undefined) {
    const chosen = found.single ? found.explanation : undefined;
    const svg = await picture(firmware.explain({ era: flags.era }), chosen);
    return writeOutput(flags.svg, svg, file, flags.color);
  }
  if (flags.json) console.log(JSON.stringify(explanationJson(found.explanation), undefined, 2));
  else console.log(text(found, flags.color));
  return EXIT.passed;
}

/**
 * Topologies need the loader of specs, which firmware does without: a board is explained in no
 * time.
 */
async function open(file: string): Promise<Opened> {
  if (!/\.ya?ml$/.test(file)) return openFirmware(resolve(file));
  const { openTopology } = await import('../firmware/topology-file.ts');
  return openTopology(file);
}
type Opened = ReturnType<typeof openFirmware> | Diagnostic[];

async function picture(whole: Explanation, chosen: Explanation | undefined): Promise<string> {
  const [{ pictureDot }, { svgOf }] = await Promise.all([
    import('../firmware/picture.ts'),
    import('../firmware/svg.ts'),
  ]);
  const drawn = await svgOf(pictureDot(whole, chosen));
  if ('error' in drawn) throw new Error(`Graphviz: ${drawn.error}`);
  return drawn.svg;
}

function text({ explanation, single }: Selection, color: boolean): string {
  const style = styleFor(wantsColour(environment(), color));
  if (!single) return explanationText(explanation, { style, columns: pageWidth(environment()) });
  return ways(explanation, style).join('\n\n');
}

const ways = ({ bridges, platform }: Explanation, style: ReturnType<typeof styleFor>): string[] => [
  ...bridges.flatMap((bridge) => bridgeWays(bridge, style)),
  ...platform.map((device) => platformWay(device, style)),
];

function refuse(file: string, found: readonly FirmwareDiagnostic[], color: boolean): number {
  printFirmware(file, found, color);
  return EXIT.usage;
}

/** Diagnostics of a binary file: the node or the byte is the place. */
export function printFirmware(
  file: string,
  found: readonly FirmwareDiagnostic[],
  color: boolean,
): void {
  printDiagnostics(
    found.map(({ code, severity, node, offset, message, hint }) => {
      const place = [node, offset === undefined ? undefined : `byte ${offset}`]
        .filter((part) => part !== undefined)
        .join(', ');
      return {
        code,
        severity,
        message: `${file}${place === '' ? '' : ` (${place})`}: ${message}`,
        ...(hint === undefined ? {} : { hint }),
      };
    }),
    color,
  );
}
