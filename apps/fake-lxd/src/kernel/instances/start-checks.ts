/** What must hold on the host, and among nics, before a container is started. */
import { existsSync } from "node:fs";
import { checkDiskExists } from "../devices/check-devices.ts";
import { checkNicConflicts } from "../devices/nic-conflicts.ts";
import { failure, within } from "../errors.ts";
import type { Devices, InstanceRecord } from "../records.ts";
import type { World } from "../world.ts";

export function checkDevicesExist(world: World, instance: InstanceRecord, devices: Devices): void {
  for (const [name, device] of Object.entries(devices)) {
    try {
      checkDiskExists(name, device, { world, project: instance.project });
      checkNicConflicts(world, instance, name, device);
    } catch (error) {
      throw within(`Failed start validation for device ${JSON.stringify(name)}`, error);
    }
    try {
      if (device["type"] === "unix-char" || device["type"] === "unix-block") {
        checkUnixDevice(device);
      } else if (device["type"] === "nic") checkParent(world, device);
    } catch (error) {
      throw within(`Failed to start device ${JSON.stringify(name)}`, error);
    }
  }
}

function checkUnixDevice(device: Record<string, string>): void {
  const hasNumbers = device["major"] !== undefined && device["minor"] !== undefined;
  const source = device["source"] ?? device["path"] ?? "";
  if (hasNumbers || existsSync(source) || device["required"] === "false") return;
  throw failure("The required device path doesn't exist and the major and minor settings are not specified");
}

export function checkParent(world: World, { parent }: Record<string, string>): void {
  if (!parent || world.networks.has(parent)) return;
  if (!existsSync(`/sys/class/net/${parent}`)) throw failure(`Parent device ${JSON.stringify(parent)} doesn't exist`);
}
