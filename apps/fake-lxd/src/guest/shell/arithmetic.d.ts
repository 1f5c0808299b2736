/** `$(( ))`: C's integer expressions on 64 bits, over the shell's variables. */
export interface ArithmeticVariables {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}
export declare class ArithmeticError extends Error {}
/** Throws an `ArithmeticError`. An empty expression is 0. */
export declare function evaluateArithmetic(text: string, variables: ArithmeticVariables, depth?: number): bigint;
