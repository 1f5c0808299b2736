import { expect, test } from "vitest";
import { seccompFilter } from "./seccomp-policy.ts";

test("what is denied fails with its number, by its arguments where it has some; all else goes on", () => {
  const filter = seccompFilter("2\ndenylist\n[all]\nchmod errno 13 [1,256,SCMP_CMP_EQ]\nsethostname kill\n");
  expect([filter("chmod", [0, 256]), filter("chmod", [0, 257]), filter("sethostname", []), filter("read", [])]).toEqual(
    [13, undefined, 1, undefined],
  );
});

test("what is not allowed fails as the list says", () => {
  const filter = seccompFilter("2\nallowlist errno 38\n[all]\nread allow\nchmod allow [1,8,SCMP_CMP_MASKED_EQ,15]\n");
  expect([filter("read", []), filter("chmod", [0, 24]), filter("chmod", [0, 25]), filter("write", [])]).toEqual([
    undefined,
    undefined,
    38,
    38,
  ]);
});

test("LXD's own policy lets everything through that guests do", () => {
  expect(seccompFilter("")("chmod", [])).toBeUndefined();
});
