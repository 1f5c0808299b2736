/** docs/user/config.md, from the settings themselves. */
import { SECTIONS } from "./config.ts";
import { FORMER_KEYS } from "./former-keys.ts";
import type { Setting } from "./setting.ts";
import { environmentName } from "./sources.ts";

const HEAD = `# Configuration

<!-- Generated from the settings in apps/lxe/src/config: npx vitest run apps/lxe/src/config -u -->

Each setting can be given as a flag of \`lxe serve\`, as an environment variable, or in a YAML file that \`--config\` or
\`LXE_CONFIG\` names. Flags win over the environment, the environment over the file, the file over the defaults. The file is
flat, with the same names as the flags:

\`\`\`yaml
socket: /run/lxe.sock
lxd-profiles: [default, kubernetes]
\`\`\`

Lists are separated by commas in flags and in the environment. An unknown name is an error. \`lxe config validate\` checks a
configuration against this host, \`lxe config show\` prints the effective one and where each value is from.
`;

function showDefault({ defaultValue, defaultNote }: Setting): string {
  if (defaultNote !== undefined) return defaultNote;
  return `\`${Array.isArray(defaultValue) ? defaultValue.join(",") : String(defaultValue)}\``;
}

function describe([key, setting]: [string, Setting]): string {
  return `
### ${key}

\`--${key} ${setting.placeholder}\`, \`${environmentName(key)}\`. Default: ${showDefault(setting)}.

${setting.help}
`;
}

function describeFormer(): string {
  const rows = Object.entries(FORMER_KEYS).map(([key, advice]) => `| ${key} | ${advice} |`);
  return ["", "## Settings that this version does not have", "", "| name | instead |", "|---|---|", ...rows, ""].join(
    "\n",
  );
}

export function configDocs(): string {
  const sections = SECTIONS.map(
    ({ title, settings }) => `\n## ${title}\n${Object.entries(settings).map(describe).join("")}`,
  );
  return HEAD + sections.join("") + describeFormer();
}
