/** Whether LXD takes a set of devices: names, types, options, and what they have among themselves. */
import { existsSync, statSync } from "node:fs";
import { isTrue } from "../config/validators.ts";
import { failure, notFound, within } from "../errors.ts";
import type { Devices } from "../records.ts";
import { keyOf, type World } from "../world.ts";
import { checkBridgedAddresses } from "./bridged-nic.ts";
import { deviceTables, nicTables, type OptionTable, requiredOptions } from "./options.ts";

type Device = Record<string, string>;

export interface DeviceScope {
  world: World;
  project: string;
  /** Absent for a profile: then nothing is looked up. */
  instance?: string;
}

/** Whether LXD's database can hold such a device at all. */
export function isDeviceType(type: string): boolean {
  return type === "nic" || type === "none" || type === "pci" || Object.hasOwn(deviceTables, type);
}

function checkName(name: string): void {
  if (name.length < 1) throw failure("Name must be 1-63 characters long");
  if (!/^[A-Za-z0-9/\-:_.]+$/.test(name)) {
    throw failure(
      "Name can only contain alphanumeric, forward slash, hyphen, colon, underscore and full stop characters",
    );
  }
}

function checkOptions(device: Device, table: OptionTable, kind: string): void {
  for (const option of requiredOptions[kind] ?? []) checkOption(option, device[option] ?? "", table);
  for (const [option, value] of Object.entries(device).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (option === "type" || option === "nictype" || option.startsWith("user.")) continue;
    if (!Object.hasOwn(table, option)) throw failure(`Invalid device option ${JSON.stringify(option)}`);
    checkOption(option, value, table);
  }
}

function checkOption(option: string, value: string, table: OptionTable): void {
  const wrong = table[option]?.(value);
  if (wrong !== undefined) throw failure(`Invalid value for device option ${JSON.stringify(option)}: ${wrong}`);
}

/** Device type as LXD dispatches on it: that of a nic's network counts. Throws when it cannot be loaded. */
function kindOf(name: string, device: Device, scope: DeviceScope): string {
  const load = (reason: string) => failure(`Failed loading device "${name}": ${reason}`);
  if (device["type"] === undefined || device["type"] === "") throw load("Missing device type in config");
  if (device["type"] !== "nic") {
    if (device["type"] === "pci") throw failure("Unsupported device type");
    if (device["type"] !== "none" && !Object.hasOwn(deviceTables, device["type"]))
      throw load("Unsupported device type");
    return device["type"];
  }
  if (device["network"] !== undefined) {
    const network = scope.world.networks.get(device["network"]);
    if (network !== undefined) return network.type === "bridge" ? "bridged" : network.type;
    throw within(
      `Failed loading device "${name}"`,
      within(
        `Failed to load network "${device["network"]}" for project "${scope.world.owner(scope.project, "networks")}"`,
        notFound("Network not found"),
      ),
    );
  }
  if (!Object.hasOwn(nicTables, device["nictype"] ?? "")) throw load("Unsupported device type");
  return device["nictype"] ?? "";
}

function checkNic(device: Device, kind: string, scope: DeviceScope): void {
  const table = nicTables[kind] ?? {};
  if (device["network"] === undefined) {
    checkOptions(device, table, kind);
    return;
  }
  for (const option of ["nictype", "parent", "mtu", "maas.subnet.ipv4", "maas.subnet.ipv6"]) {
    if (device[option]) throw failure(`Cannot use "${option}" property in conjunction with "network" property`);
  }
  checkBridgedAddresses(device, scope.world.networks.get(device["network"]));
  checkOptions({ ...device, parent: device["network"] }, table, kind);
}

function checkDisk(device: Device, devices: Devices): void {
  checkOptions(device, deviceTables["disk"] ?? {}, "disk");
  const isRoot = device["path"] === "/" && device["pool"] !== undefined;
  if (device["path"] === "/" && device["source"]) throw failure('Root disk entry may not have a "source" property set');
  if (device["path"] === "/" && !isRoot) throw failure('Root disk entry must have a "pool" property set');
  if (!isRoot && !device["source"]) {
    throw failure('Disk entry is missing the required "source" or "path" property');
  }
  if (isRoot) return;
  if (device["size"]) throw failure("Only the root disk may have a size quota");
  const isRecursive = isTrue(device["recursive"]);
  if (isRecursive && isTrue(device["readonly"])) {
    throw failure("Recursive read-only bind-mounts aren't currently supported by the kernel");
  }
  if (!device["pool"]) checkHostSource(device["source"] ?? "", isRecursive);
  const { path } = device;
  const users = Object.values(devices).filter((other) => other["type"] === "disk" && other["path"] === path);
  if (path !== undefined && users.length > 1) throw failure(`More than one disk device uses the same path "${path}"`);
}

function checkHostSource(source: string, isRecursive: boolean): void {
  if (/^(ceph|cephfs):/.test(source) || source === "cloud-init:config") return;
  if (!source.startsWith("/")) throw failure("Source path must be absolute for local sources");
  if (isRecursive && existsSync(source) && !statSync(source).isDirectory()) {
    throw failure("The recursive option is only supported for additional bind-mounted paths");
  }
}

function checkProxy(device: Device): void {
  checkOptions(device, deviceTables["proxy"] ?? {}, "proxy");
  if (device["bind"] && !["host", "instance", "guest", "container"].includes(device["bind"])) {
    throw failure('Invalid value for device option "bind": Invalid binding side given. Must be "host" or "instance"');
  }
}

function checkUnix(device: Device, kind: string): void {
  checkOptions(device, deviceTables[kind] ?? {}, kind);
  if (!device["source"] && !device["path"]) {
    throw failure('Unix device entry is missing the required "source" or "path" property');
  }
}

function checkOne(name: string, device: Device, devices: Devices, scope: DeviceScope): void {
  checkName(name);
  const kind = kindOf(name, device, scope);
  if (device["type"] === "nic") checkNic(device, kind, scope);
  else if (kind === "disk") checkDisk(device, devices);
  else if (kind === "proxy") checkProxy(device);
  else if (kind === "unix-char" || kind === "unix-block") checkUnix(device, kind);
  else if (kind === "unix-hotplug" && !device["vendorid"] && !device["productid"]) {
    throw failure("Unix hotplug devices require a vendorid or a productid");
  } else if (kind === "none") checkOptions(device, {}, kind);
  else {
    try {
      checkOptions(device, deviceTables[kind] ?? {}, kind);
    } catch (error) {
      throw kind === "tpm" ? within("Failed to validate config", error) : error;
    }
  }
}

/** Two nics cannot have one name inside. */
function checkNicNames(devices: Devices, name: string): void {
  const own = devices[name]?.["name"];
  if (devices[name]?.["type"] !== "nic" || !own) return;
  const twins = Object.values(devices).filter((other) => other["type"] === "nic" && other["name"] === own);
  if (twins.length > 1) {
    throw failure(`Invalid value for device option "name": Duplicate NIC name detected ${JSON.stringify(own)}`);
  }
}

/** Throws `Device validation failed for "x": ...`. */
export function checkDevices(devices: Devices, scope: DeviceScope): void {
  for (const [name, device] of Object.entries(devices).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (name.length > 64) throw failure("The maximum device name length is 64 characters");
    try {
      checkOne(name, device ?? {}, devices, scope);
      if (scope.instance !== undefined) checkNicNames(devices, name);
    } catch (error) {
      throw within(`Device validation failed for ${JSON.stringify(name)}`, error);
    }
  }
}

/** What must be on the host before a disk is used: its source, volume, pool. */
export function checkDiskExists(name: string, device: Device, scope: DeviceScope): void {
  if (device["type"] !== "disk" || device["path"] === "/") return;
  const { source = "", pool } = device;
  if (pool) {
    if (!scope.world.pools.has(pool)) {
      throw within(`Failed to get storage pool ${JSON.stringify(pool)}`, notFound("Storage pool not found"));
    }
    const owner = scope.world.owner(scope.project, "storage.volumes");
    if (!scope.world.volumes.has(`${pool}/${keyOf(owner, source)}`)) {
      throw within("Failed loading custom volume", notFound("Storage volume not found"));
    }
    return;
  }
  const isRequired = device["required"] === undefined || isTrue(device["required"]);
  if (isRequired && !existsSync(source)) {
    throw failure(`Missing source path ${JSON.stringify(source)} for disk ${JSON.stringify(name)}`);
  }
}

/** Throws unless exactly one disk is the root of the file system. Returns its pool. */
export function rootPoolOf(devices: Devices): string {
  const roots = Object.values(devices).filter(
    (device) => device["type"] === "disk" && device["path"] === "/" && device["pool"] && !device["source"],
  );
  if (roots.length > 1) throw failure("More than one root device found");
  const [root] = roots;
  if (root === undefined) throw failure("No root device could be found");
  return root["pool"] ?? "";
}
