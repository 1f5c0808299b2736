/** How the ids of a host directory look inside a guest. */
export interface IdMap {
  /** Undefined: no id in the guest. */
  toGuest(hostId: number): number | undefined;
  toHost(guestId: number): number;
}
/** Ids without one in the guest show as nobody. */
export declare const overflowId = 65534;
/**
 * Idmapped: host ids are guest ids. The files of the user that runs the fake look like root's, so that a fake on a laptop
 * behaves as a daemon of root would.
 */
export declare function idmapped(ownUid: number): IdMap;
/** Not idmapped: the guest's ids lie at `base`; others are foreign. */
export declare function shifted(base: number, size: number): IdMap;
