import type { Applet } from "./lib/applet.ts";
export declare const echo: Applet;
