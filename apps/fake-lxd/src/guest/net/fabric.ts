/** Which network namespaces reach one another: those with interfaces on the same bridge. */
import { type Interface, NetNamespace } from "./namespace.ts";

export class Fabric {
  readonly #namespaces = new Set<NetNamespace>();
  #nextId = 1;

  create(isHost = false): NetNamespace {
    const made = new NetNamespace(this.#nextId++, this, isHost);
    this.#namespaces.add(made);
    return made;
  }

  /** Nobody is in it any more. */
  remove(namespace: NetNamespace): void {
    this.#namespaces.delete(namespace);
  }

  /** Where an address is, as seen through one of an origin's interfaces; the host reaches every bridge. */
  find(
    from: NetNamespace,
    via: Interface | undefined,
    address: string,
  ): { namespace: NetNamespace; via: Interface } | undefined {
    for (const namespace of this.#namespaces) {
      if (namespace === from) continue;
      const found = namespace.interfaces.find((one) => {
        const reachable = one.type !== "loopback" && one.up && (from.isHost || one.network === via?.network);
        return reachable && one.addresses.some((own) => own.address === address);
      });
      if (found) return { namespace, via: found };
    }
    return undefined;
  }
}
