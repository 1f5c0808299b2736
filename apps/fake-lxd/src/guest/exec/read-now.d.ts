import type { Location } from "../vfs/mount.ts";
export declare function readNow(place: Location, max: number): Buffer;
