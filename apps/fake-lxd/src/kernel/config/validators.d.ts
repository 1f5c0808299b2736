export type Validator = (value: string) => string | undefined;
export declare const anything: Validator;
export declare function isTrue(value: string | undefined): boolean;
export declare const boolean: Validator;
export declare const integer: Validator;
export declare const uint32: Validator;
export declare const priority: Validator;
export declare function oneOf(...values: string[]): Validator;
export declare const uuid: Validator;
/** Bytes of a size with LXD's units, or undefined when it is none. */
export declare function parseSize(value: string): number | undefined;
export declare const size: Validator;
export declare const memoryLimit: Validator;
export declare const cpuLimit: Validator;
export declare const cpuAllowance: Validator;
export declare const environmentValue: Validator;
export declare const schedule: Validator;
export declare const expiry: Validator;
export declare const hardwareAddress: Validator;
export declare const interfaceName: Validator;
export declare const octalMode: Validator;
export declare const required: Validator;
export declare const ipAddress: Validator;
/** `a.b.c.d/n` */
export declare const ipv4Cidr: Validator;
export declare const ipv6Cidr: Validator;
export declare function isCidr(value: string, version: 4 | 6): boolean;
/** The empty value stands for "not set" and is always fine. */
export declare function optional(validator: Validator): Validator;
