import { type Applet } from "./lib/applet.ts";
export declare const test: Applet;
export declare const bracket: Applet;
export declare const doubleBracket: Applet;
