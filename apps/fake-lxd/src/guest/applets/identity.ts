/** id whoami groups logname who su getent */
import { readFile } from "../sys/io.ts";
import { setUid } from "../sys/processes.ts";
import { badUsers, groupName, groups as allGroups, userName, users } from "./lib/accounts.ts";
import { type Applet, type AppletIo, Failure, UsageError } from "./lib/applet.ts";
import { parseOptions } from "./lib/options.ts";
import { become } from "./processes.ts";

interface Identity {
  uid: number;
  gid: number;
  groups: number[];
}

function identityOf(io: AppletIo, name: string | undefined, real: boolean): Identity {
  const { credentials } = io.process;
  if (name === undefined) {
    const gid = real ? credentials.gid : credentials.egid;
    return { uid: real ? credentials.uid : credentials.euid, gid, groups: [...new Set([gid, ...credentials.groups])] };
  }
  const user = users(io.process).find((one) => one.name === name || String(one.uid) === name);
  if (!user) throw new Failure(`unknown user ${name}`);
  const member = allGroups(io.process)
    .filter(({ members }) => members.includes(user.name))
    .map(({ gid }) => gid);
  return { uid: user.uid, gid: user.gid, groups: [...new Set([user.gid, ...member])] };
}

export const id: Applet = async (io, args) => {
  const options = parseOptions(args, "ugGnr", { user: "u", group: "g", groups: "G", name: "n", real: "r" });
  const who = identityOf(io, options.operands[0], options.has("r"));
  const user = (uid: number) => (options.has("n") ? userName(io.process, uid) : undefined) ?? String(uid);
  const group = (gid: number) => (options.has("n") ? groupName(io.process, gid) : undefined) ?? String(gid);
  if (options.has("u"))
    return print(io, user(who.uid), options.has("n") && userName(io.process, who.uid) === undefined);
  if (options.has("g"))
    return print(io, group(who.gid), options.has("n") && groupName(io.process, who.gid) === undefined);
  if (options.has("G")) return print(io, who.groups.map(group).join(" "), false);
  if (options.has("n") || options.has("r"))
    throw new UsageError("cannot print only names or real IDs in default format");
  // without a name they are those that the kernel knows, and there may be none
  const listed = options.operands[0] === undefined ? io.process.credentials.groups : who.groups;
  const list = listed.map((gid) => shown(gid, groupName(io.process, gid))).join(",");
  for (let bad = badUsers(io.process, who.uid); bad > 0; bad--) await io.warn("/etc/passwd: bad record");
  await io.out(
    `uid=${shown(who.uid, userName(io.process, who.uid))} gid=${shown(who.gid, groupName(io.process, who.gid))}${list && ` groups=${list}`}\n`,
  );
  return 0;
};

async function print(io: AppletIo, text: string, unknown: boolean): Promise<number> {
  if (unknown) {
    await io.warn(`unknown ID ${text}`);
    return 1;
  }
  await io.out(`${text}\n`);
  return 0;
}

export const whoami: Applet = async (io) => {
  const { euid } = io.process.credentials;
  const name = userName(io.process, euid);
  if (name === undefined) throw new Failure(`unknown uid ${euid}`);
  await io.out(`${name}\n`);
  return 0;
};

export const groups: Applet = async (io, args) => {
  const who = identityOf(io, args[0], false);
  await io.out(`${who.groups.map((gid) => groupName(io.process, gid) ?? String(gid)).join(" ")}\n`);
  return 0;
};

export const su: Applet = async (io, args) => {
  const options = parseOptions(args, "+c:s:lmp");
  const operands = options.operands.filter((word) => word !== "-");
  const name = operands[0] ?? "root";
  const user = users(io.process).find((one) => one.name === name);
  if (!user) throw new Failure(`unknown user ${name}`);
  if (io.process.credentials.euid !== 0 && io.process.credentials.uid !== user.uid)
    throw new Failure("must be suid to work properly");
  io.process.credentials = { ...io.process.credentials, gid: user.gid, egid: user.gid, sgid: user.gid, groups: [] };
  setUid(io.process, user.uid);
  const shell = options.value("s") ?? (user.shell || "/bin/sh");
  const environment = new Map(io.env);
  for (const [key, value] of [
    ["HOME", user.home],
    ["USER", user.name],
    ["LOGNAME", user.name],
    ["SHELL", shell],
  ] as const)
    environment.set(key, value);
  const command = options.value("c");
  return become(io, [shell, ...(command === undefined ? [] : ["-c", command]), ...operands.slice(1)], environment);
};

/** passwd, group and hosts, by name or number. */
export const getent: Applet = async (io, [database, ...keys]) => {
  if (database === undefined) throw new UsageError("usage: getent DATABASE [KEY]...");
  const file = { passwd: "/etc/passwd", group: "/etc/group", hosts: "/etc/hosts" }[database];
  if (file === undefined) throw new Failure(`unknown database ${database}`);
  const lines = (await readFile(io.process, file)).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const parts = (line: string) => (database === "hosts" ? line.split(/\s+/) : [line.split(":")[0], line.split(":")[2]]);
  const found =
    keys.length === 0 ? lines : keys.flatMap((key) => lines.filter((line) => parts(line).includes(key)).slice(0, 1));
  await io.out(found.map((line) => `${line}\n`).join(""));
  return keys.length > found.length ? 2 : 0;
};

function shown(number: number, name: string | undefined): string {
  return name === undefined ? String(number) : `${number}(${name})`;
}
