/** The environment of an exec'd command: the request wins over the instance's, LXD fills in what is missing. */
import type { FileView } from "../../guest/types.ts";
import type { Config } from "../records.ts";
export declare function execEnvironment(config: Config, requested: Record<string, string>, uid: number, files: FileView): Promise<Record<string, string>>;
