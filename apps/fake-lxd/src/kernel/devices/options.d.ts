/** The options of each device type on LXD 5.0.2, and their checks. */
import { type Validator } from "../config/validators.ts";
export type OptionTable = Readonly<Record<string, Validator>>;
export declare const nicTables: Readonly<Record<string, OptionTable>>;
export declare const deviceTables: Readonly<Record<string, OptionTable>>;
/** LXD checks these of a proxy in this order, and they must be there. */
export declare const requiredOptions: Readonly<Record<string, readonly string[]>>;
