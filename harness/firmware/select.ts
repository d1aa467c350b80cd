/** What `--rid` and `--device` ask for. */
import { distance } from 'fastest-levenshtein';
import type { Era, Explanation, FirmwareDiagnostic } from '../../src/firmware/explanation.ts';
import type { Firmware } from './firmware.ts';
import type { AskedRid } from './rid.ts';

export interface Asked {
  readonly era: Era;
  readonly rid: readonly AskedRid[];
  readonly device?: string;
}
export interface Selection {
  readonly explanation: Explanation;
  /** Single requesters were asked for: their ways are shown instead of tables. */
  readonly single: boolean;
}

export function selected(
  firmware: Firmware,
  { era, rid, device }: Asked,
): Selection | FirmwareDiagnostic {
  if (rid.length === 0 && device === undefined)
    return { explanation: firmware.explain({ era }), single: false };
  const all = firmware.explain({ era });
  const requester = device === undefined ? undefined : firmware.requesterOf?.(device);
  const rids = [
    ...rid.map((asked) => asked.rid),
    ...(requester === undefined ? [] : [requester.rid]),
  ];
  const explanation = rids.length === 0 ? all : firmware.explain({ era, rids: [...new Set(rids)] });
  const paths = new Set(
    requester !== undefined
      ? [requester.bridge]
      : device !== undefined
        ? [device]
        : bridgesFor(all, rid),
  );
  const bridges = explanation.bridges.filter(({ path }) => paths.has(path));
  const platform = device === undefined ? [] : all.platform.filter(({ path }) => paths.has(path));
  if (bridges.length + platform.length === 0) return nothing(all, device, rid);
  // A bridge named alone: its tables, not the ways of RIDs that nobody asked for.
  return {
    explanation: { ...explanation, bridges, platform },
    single: rids.length > 0 || bridges.length === 0,
  };
}

/**
 * The bridges of the RIDs' segments whose buses hold one of them; failing that, all available ones.
 */
function bridgesFor({ bridges }: Explanation, asked: readonly AskedRid[]): string[] {
  const inSegment = bridges.filter(({ segment }) =>
    asked.some((each) => each.segment === undefined || each.segment === (segment ?? 0)),
  );
  const holding = inSegment.filter(
    ({ available, bus, busRange: [first, last] }) =>
      available &&
      asked.some(({ rid }) => bus !== undefined || (rid >> 8 >= first && rid >> 8 <= last)),
  );
  return (holding.length > 0 ? holding : inSegment).map(({ path }) => path);
}

function nothing(
  { bridges, platform }: Explanation,
  device: string | undefined,
  rid: readonly AskedRid[],
): FirmwareDiagnostic {
  if (device === undefined)
    return {
      code: 'DB618',
      severity: 'error',
      message: `no host bridge for ${rid.length === 1 ? 'this requester' : 'these requesters'}`,
      hint:
        bridges.length === 0
          ? 'the firmware has no PCI host bridge'
          : `host bridges: ${bridges
              .map(({ path }) => path)
              .slice(0, 5)
              .join(', ')}`,
    };
  const near = [...bridges, ...platform]
    .map(({ path }) => path)
    .sort((a, b) => distance(device, a) - distance(device, b))
    .slice(0, 3);
  return {
    code: 'DB618',
    severity: 'error',
    message: `${device} is no host bridge, nor a device with msi-parent, iommus or a place below a bridge`,
    hint: near.length === 0 ? 'the firmware has none' : `near: ${near.join(', ')}`,
  };
}
