import type { Applet } from "./lib/applet.ts";
export declare const families: Record<string, Applet>;
