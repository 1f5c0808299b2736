import { expect, test } from "vitest";
import { parseMountPoints } from "./mounts.ts";

test("mount points are found in mountinfo, blanks and backslashes included", () => {
  const mountInfo = [
    "22 27 0:21 / /proc rw,nosuid shared:13 - proc proc rw",
    String.raw`99 27 0:50 / /var/lib/a\040b\134c rw - tmpfs tmpfs rw`,
    "",
  ].join("\n");
  expect([...parseMountPoints(mountInfo)]).toEqual(["/proc", "/var/lib/a b\\c"]);
});
