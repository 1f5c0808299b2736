/** How long property tests of the wire run: `LXE_FUZZ_RUNS` replaces what each has for every day. */

export function fuzzRuns(everyDay: number): number {
  return Number(process.env["LXE_FUZZ_RUNS"] ?? everyDay);
}
