/** Calls that have to fail, with what lxe says of it. */
import { expect } from "vitest";
import type { ArmInstance } from "../arms/arm.ts";
import { rejection } from "./rejection.ts";

/**
 * The call fails. On lxe also with this gRPC code, and a message that matches: it names the field. The reference answers most
 * refusals with Unknown and words of its own.
 */
export async function expectRefused(
  arm: ArmInstance,
  call: Promise<unknown>,
  codeName: string,
  message: RegExp = /./,
): Promise<void> {
  const error = await rejection(call);
  if (arm.lxd) expect(error).toMatchObject({ codeName, message: expect.stringMatching(message) });
}
