import type { Random } from "../../platform/types.ts";
export declare function checkInstanceName(name: string): void;
/** For a request without a name. */
export declare function inventName(random: Random, isTaken: (name: string) => boolean): string;
