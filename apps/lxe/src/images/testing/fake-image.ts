/** LXD's image objects for tests of pure code. */
import type { Image } from "@lxe/lxd-client";

export function fakeImage(fingerprint: string, aliases: readonly string[] = [], changes: Partial<Image> = {}): Image {
  return {
    fingerprint,
    aliases: aliases.map((name) => ({ name, description: "" })),
    properties: {},
    size: 1000,
    filename: "image.tar",
    architecture: "x86_64",
    type: "container",
    public: false,
    cached: false,
    auto_update: false,
    profiles: ["default"],
    created_at: "2026-01-01T00:00:00Z",
    uploaded_at: "2026-01-01T00:00:00Z",
    last_used_at: "0001-01-01T00:00:00Z",
    expires_at: "1970-01-01T00:00:00Z",
    ...changes,
  };
}

/** 64 hex digits that begin so. */
export function fakeFingerprint(beginning: string): string {
  return beginning.padEnd(64, "0");
}
