/** How the ids of a host directory look inside a guest. */

export interface IdMap {
  /** Undefined: no id in the guest. */
  toGuest(hostId: number): number | undefined;
  toHost(guestId: number): number;
}

/** Ids without one in the guest show as nobody. */
export const overflowId = 65_534;

/**
 * Idmapped: host ids are guest ids. The files of the user that runs the fake look like root's, so that a fake on a laptop
 * behaves as a daemon of root would.
 */
export function idmapped(ownUid: number): IdMap {
  return { toGuest: (id) => (id === ownUid ? 0 : id), toHost: (id) => (id === 0 ? ownUid : id) };
}

/** Not idmapped: the guest's ids lie at `base`; others are foreign. */
export function shifted(base: number, size: number): IdMap {
  return {
    toGuest: (id) => (id >= base && id < base + size ? id - base : undefined),
    toHost: (id) => base + id,
  };
}
