import { type InitCall } from "./calls.ts";
export declare const fcntl: InitCall;
/** Only what makes a terminal the controlling one. */
export declare const ioctl: InitCall;
