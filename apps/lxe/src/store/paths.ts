/** Names of lxe's files on the host: what containers see of it, and log offsets. Owns no content. */

import { join } from "node:path";
import { RELAY_PROGRAM, RELAY_SOCKET } from "../init/relay.ts";
import { HOLDER_SOCKET, RESIZE_PIPE, TYPED_PIPE } from "../init/terminal-holder.ts";

export interface ContainerPaths {
  /** Bind-mounted at `/.lxe`. */
  readonly directory: string;
  readonly init: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Unix socket on which the init program says whether execve worked. */
  readonly ready: string;
  /** A named pipe, where the app has an input or a terminal. */
  readonly stdin: string;
  /** A named pipe for the sizes of an app's terminal. */
  readonly resize: string;
  /** Unix socket on which the holder of an app's terminal waits for the app. */
  readonly holderSocket: string;
  /** A named pipe on which the process that keeps `stdin` open waits. */
  readonly stdinHold: string;
  /** Written by an init program that failed. */
  readonly failed: string;
  readonly logState: string;
  /** Holds stand-ins for mount sources while the container starts. */
  readonly mounts: string;
  /** Where its root file system is mounted while it runs, if that is lxe's to do. */
  readonly rootfs: string;
}

export interface PodPaths {
  readonly directory: string;
  readonly resolvConf: string;
  readonly hosts: string;
  readonly hostname: string;
  readonly shm: string;
  /** Bind-mounted at `/.lxe` of the sandbox's instance. */
  readonly inside: string;
  /** In `inside`, while somebody forwards ports: the relay's program and its socket. */
  readonly relay: string;
  readonly relaySocket: string;
}

export class StatePaths {
  readonly containers: string;
  readonly pods: string;
  readonly logs: string;
  readonly mounts: string;
  readonly rootfs: string;
  /** Scripts that LXC runs on the host. */
  readonly hooks: string;
  readonly holds: string;
  /** Downloads of images while they are converted. */
  readonly pulls: string;

  constructor(stateDir: string) {
    this.containers = join(stateDir, "containers");
    this.pods = join(stateDir, "pods");
    this.logs = join(stateDir, "logs");
    this.mounts = join(stateDir, "mounts");
    this.rootfs = join(stateDir, "rootfs");
    this.hooks = join(stateDir, "hooks");
    this.holds = join(stateDir, "holds");
    this.pulls = join(stateDir, "pulls");
  }

  /** Put together by hand: instances' names have nothing in them to resolve, and this is asked for all the time. */
  container(instance: string): ContainerPaths {
    const directory = `${this.containers}/${instance}`;
    return {
      directory,
      init: `${directory}/init`,
      stdout: `${directory}/stdout`,
      stderr: `${directory}/stderr`,
      ready: `${directory}/ready`,
      stdin: `${directory}/${TYPED_PIPE}`,
      resize: `${directory}/${RESIZE_PIPE}`,
      holderSocket: `${directory}/${HOLDER_SOCKET}`,
      stdinHold: `${this.holds}/${instance}`,
      failed: `${directory}/failed`,
      logState: `${this.logs}/${instance}`,
      mounts: `${this.mounts}/${instance}`,
      rootfs: `${this.rootfs}/${instance}`,
    };
  }

  pod(instance: string): PodPaths {
    const directory = `${this.pods}/${instance}`;
    const inside = `${directory}/lxe`;
    return {
      directory,
      resolvConf: `${directory}/resolv.conf`,
      hosts: `${directory}/hosts`,
      hostname: `${directory}/hostname`,
      shm: `${directory}/shm`,
      inside,
      relay: `${inside}/${RELAY_PROGRAM}`,
      relaySocket: `${inside}/${RELAY_SOCKET}`,
    };
  }
}
