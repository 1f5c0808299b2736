/** Linux capabilities as bit sets. */
export interface Capabilities {
  effective: bigint;
  permitted: bigint;
  inheritable: bigint;
  bounding: bigint;
  ambient: bigint;
}
export declare const allCapabilities: bigint;
/** Lower case without `CAP_`; unknown names are no capability. */
export declare function capabilityBit(name: string): bigint;
export declare function capabilitySet(list: Iterable<string>): bigint;
/** What a process of this uid starts with below a bounding set. */
export declare function capabilitiesFor(uid: number, bounding: bigint): Capabilities;
/** After an execve without file capabilities. */
export declare function capabilitiesAfterExec(before: Capabilities, euid: number): Capabilities;
export declare function has(capabilities: Capabilities, name: string): boolean;
