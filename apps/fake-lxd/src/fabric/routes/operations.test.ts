import { expect, it } from "vitest";
import type { FinishedOperation } from "../../testing/api.ts";
import { sleepingApp, startFixture } from "../../testing/fixture.ts";
import { VirtualClock } from "../../testing/virtual-clock.ts";

it("shows an operation Running in the 202, and forgets it five seconds after its end", async () => {
  const clock = new VirtualClock();
  await using fixture = await startFixture({ clock });
  const { api } = fixture;
  const answer = await api.raw("POST", "/1.0/instances", JSON.stringify({ name: "x", source: { type: "none" } }));
  expect(answer.status).toBe(202);
  const { operation, metadata } = JSON.parse(answer.text) as { operation: string; metadata: { status: string } };
  expect(answer.headers["location"]).toBe(operation);
  expect(metadata.status).toBe("Running");
  expect((await api.get<FinishedOperation>(`${operation}/wait`)).status).toBe("Success");
  clock.hold();
  clock.advance(4_000);
  expect((await api.get<FinishedOperation>(operation)).status).toBe("Success");
  clock.advance(1_500);
  expect(await api.refusal("GET", operation)).toEqual([404, "Operation not found"]);
});

it("lists operations by status, and waits no longer than asked", async () => {
  await using fixture = await startFixture();
  const { api } = fixture;
  await fixture.create("c1", sleepingApp);
  await fixture.start("c1");
  const { operation } = await api.call("POST", "/1.0/instances/c1/exec", { command: ["sleep", "100"] });
  const lists = await api.get<Record<string, string[]>>("/1.0/operations");
  expect(lists["running"]).toEqual([operation]);
  expect(lists["success"]?.length).toBeGreaterThan(0);
  const waited = await api.get<FinishedOperation>(`${operation}/wait?timeout=0`);
  expect(waited.status).toBe("Running");
});

it("cancels a token, whose wait ends then", async () => {
  await using fixture = await startFixture();
  const { api } = fixture;
  const [image] = await api.get<string[]>("/1.0/images");
  const { operation, metadata } = await api.call("POST", `${image}/secret`);
  expect(metadata).toMatchObject({ class: "token", status: "Running", may_cancel: true });
  const waiting = api.get<FinishedOperation>(`${operation}/wait`);
  await api.call("DELETE", operation);
  expect((await waiting).status).toBe("Cancelled");
});
