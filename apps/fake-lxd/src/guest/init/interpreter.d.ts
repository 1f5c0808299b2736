import type { Process } from "../core/process.ts";
import type { InitImage } from "./image.ts";
export declare function runInitProgram(process: Process, image: InitImage): Promise<number>;
