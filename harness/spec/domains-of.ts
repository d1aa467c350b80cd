/** From the words of `domains:` to src's domains. */
import { type Domain, SW_MSI_WINDOW } from '../../src/topology/topology.ts';
import type { Data, DataMap } from './data.ts';
import { isMap, type Reader } from './reader.ts';

export function domainOf(map: DataMap, read: Reader): Domain {
  const kind = map['kind'];
  if (kind === 'identity' || kind === 'blocked') return { kind };
  if (kind === 'dma') {
    const direct = map['direct'];
    const isLazy = read.word(map, 'unmap', ['strict', 'lazy'], 'strict') === 'lazy';
    return {
      kind,
      ...(isMap(direct) ? { direct: windowOf(map, direct, read) } : {}),
      ...(isLazy ? { lazy: true } : {}),
    };
  }
  if (kind === 'nested') {
    const direct = map['direct'];
    return {
      kind,
      parent: String(map['parent']),
      ...(isMap(direct) ? { direct: windowOf(map, direct, read) } : {}),
    };
  }
  const window = map['msi-window'];
  const fd = map['iommufd'];
  return {
    kind: 'unmanaged',
    ...(window === undefined ? {} : { msiWindow: windowOf(map, window, read) }),
    ...(fd === undefined ? {} : { iommufd: String(fd) }),
    ...(map['vfio'] === undefined ? {} : { vfio: read.flag(map, 'vfio', false) }),
    ...(map['unsafe-interrupts'] === undefined
      ? {}
      : {
          refuseUnsafe:
            read.word(map, 'unsafe-interrupts', ['allow', 'refuse'], 'allow') === 'refuse',
        }),
  };
}

/** What a nested domain lies on: tables of the host. */
export function checkParents(
  maps: DataMap,
  domains: Readonly<Record<string, Domain>>,
  read: Reader,
): void {
  const hosts = Object.keys(domains).filter((name) => domains[name]?.kind === 'unmanaged');
  for (const [name, domain] of Object.entries(domains)) {
    if (domain.kind !== 'nested') continue;
    read.name(maps[name] as object, 'parent', domain.parent, 'unmanaged domain', hosts);
  }
}

export function windowOf(map: DataMap, window: Data, read: Reader): { base: number; size: number } {
  if (!isMap(window)) {
    read.word(map, 'msi-window', ['sw-msi'], 'sw-msi');
    return SW_MSI_WINDOW;
  }
  const base = read.address(window, 'base', 4096);
  const size = read.address(window, 'size', 4096);
  if (size === 0) read.error('DB303', window, 'size', 'size: an empty window');
  return { base, size };
}
