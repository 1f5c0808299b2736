import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { configDocs } from "./docs.ts";

const DOCS = fileURLToPath(new URL("../../../../docs/user/config.md", import.meta.url));

test("docs/user/config.md is what the settings say", async () => {
  await expect(configDocs()).toMatchFileSnapshot(DOCS);
});
