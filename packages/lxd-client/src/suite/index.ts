export const suites: readonly string[] = [];
