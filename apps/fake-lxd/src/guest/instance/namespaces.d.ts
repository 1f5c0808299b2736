import type { IpcNamespace, Namespaces, UserNamespace, UtsNamespace } from "../core/namespaces.ts";
import type { Machine } from "../core/machine.ts";
import type { Fabric } from "../net/fabric.ts";
import type { NetNamespace } from "../net/namespace.ts";
import type { Guest, GuestSecurity, GuestSpec } from "../types.ts";
/** What the host's processes would be in. */
export interface HostNamespaces {
  readonly uts: UtsNamespace;
  readonly ipc: IpcNamespace;
  readonly user: UserNamespace;
  readonly net: NetNamespace;
}
export declare function createHostNamespaces(machine: Machine, fabric: Fabric): HostNamespaces;
/** `of` finds the namespaces of a guest that this kernel started. */
export declare function joinNamespaces(
  spec: GuestSpec,
  machine: Machine,
  fabric: Fabric,
  host: HostNamespaces,
  of: (guest: Guest) => Namespaces,
): Namespaces;
/** The bounding set that the security settings leave. */
export declare function boundingSet({ capKeep, capDrop }: GuestSecurity): bigint;
