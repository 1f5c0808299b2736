import { expect, test } from "vitest";
import { instanceIn, instancesOf } from "./instance-urls.ts";

test.each([
  ["/1.0/instances/web-1", "web-1"],
  ["/1.0/containers/web-1?project=pods", "web-1"],
  ["/1.0/instances/web-1/snapshots/s?project=pods", "web-1"],
  ["/1.0/instances/a%20b", "a b"],
  ["/1.0/images/web-1", undefined],
])("the instance in %s is %s", (url, name) => {
  expect(instanceIn(url)).toBe(name);
});

test("an operation's are those of all its resources, or none", () => {
  const resources = { instances: ["/1.0/instances/a?project=pods", "/1.0/instances/b"], images: ["/1.0/images/c"] };
  expect(instancesOf({ resources })).toEqual(["a", "b"]);
  expect(instancesOf({ resources: null })).toEqual([]);
});
