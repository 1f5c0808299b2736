import { type InitCall } from "./calls.ts";
export declare const rtSigaction: InitCall;
