import type { Applet } from "./lib/applet.ts";
export declare const sh: Applet;
