import type { Random } from "../../platform/types.ts";
import { type LxdFailure } from "../errors.ts";
import { type LxcLine } from "./lines.ts";
/** LXD writes raw.lxc to a temporary file and names it when liblxc refuses. */
export declare function loadFailure(random: Random): LxdFailure;
/** The lines in effect, files that are included with them; null when liblxc refuses one. */
export declare function loadLines(before: readonly LxcLine[], text: string): LxcLine[] | null;
