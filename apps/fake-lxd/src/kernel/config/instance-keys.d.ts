/** The configuration keys of containers on LXD 5.0.2. */
import { type Validator } from "./validators.ts";
/** Undefined: LXD does not know the key. */
export declare function validatorFor(key: string): Validator | undefined;
