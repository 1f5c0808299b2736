interface Where {
    /** The Go type of the object, e.g. `InstancesPost`. */
    struct: string;
    field: string;
}
export interface Shape<T> {
    decode(value: unknown, where: Where): T;
    zero(): T;
}
export declare const text: Shape<string>;
export declare const flag: Shape<boolean>;
export declare const integer: Shape<number>;
export declare function list<T>(item: Shape<T>): Shape<T[]>;
export declare function map<T>(item: Shape<T>): Shape<Record<string, T>>;
export declare const config: Shape<Record<string, string>>;
export declare const devices: Shape<Record<string, Record<string, string>>>;
/** Undefined when the field is missing or null. */
export declare function maybe<T>(shape: Shape<T>): Shape<T | undefined>;
type Fields = Record<string, Shape<unknown>>;
export type Decoded<F extends Fields> = {
    [K in keyof F]: F[K] extends Shape<infer T> ? T : never;
};
export declare function object<F extends Fields>(struct: string, fields: F): Shape<Decoded<F>>;
export declare function decodeBody<T>(body: string, shape: Shape<T>): T;
export {};
