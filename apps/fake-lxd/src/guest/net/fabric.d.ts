/** Which network namespaces reach one another: those with interfaces on the same bridge. */
import { type Interface, NetNamespace } from "./namespace.ts";
export declare class Fabric {
  #private;
  create(isHost?: boolean): NetNamespace;
  /** Nobody is in it any more. */
  remove(namespace: NetNamespace): void;
  /** Where an address is, as seen through one of an origin's interfaces; the host reaches every bridge. */
  find(
    from: NetNamespace,
    via: Interface | undefined,
    address: string,
  ):
    | {
        namespace: NetNamespace;
        via: Interface;
      }
    | undefined;
}
