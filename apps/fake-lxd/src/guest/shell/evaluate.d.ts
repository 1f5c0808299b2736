import type { Evaluator } from "./shell.ts";
export declare const evaluator: Evaluator;
