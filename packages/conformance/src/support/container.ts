/** A container of a scenario: its RPCs, its log, and waiting for its states. */
import { ContainerState, type ContainerStatus, type CriClient } from "@lxe/cri";
import { eventually } from "./eventually.ts";
import { type LogRecord, readLog, textOf } from "./log-file.ts";

export interface ExecOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class TestContainer {
  readonly id: string;
  readonly logPath: string;
  readonly #cri: CriClient;

  constructor(cri: CriClient, id: string, logPath: string) {
    this.#cri = cri;
    this.id = id;
    this.logPath = logPath;
  }

  async start(): Promise<void> {
    await this.#cri.startContainer({ containerId: this.id });
  }

  async status(): Promise<ContainerStatus> {
    const { status } = await this.#cri.containerStatus({ containerId: this.id });
    if (!status) throw new Error("ContainerStatus without a status");
    return status;
  }

  async reaches(state: ContainerState): Promise<ContainerStatus> {
    return eventually(
      `container ${this.id.slice(0, 13)} is in state ${state}`,
      () => this.status(),
      (status) => status.state === state,
    );
  }

  /** Of a container that ends by itself. */
  async exited(): Promise<ContainerStatus> {
    return this.reaches(ContainerState.CONTAINER_EXITED);
  }

  async exec(cmd: readonly string[], timeoutSeconds = 20): Promise<ExecOutcome> {
    const request = { containerId: this.id, cmd: [...cmd], timeout: BigInt(timeoutSeconds) };
    const { stdout, stderr, exitCode } = await this.#cri.execSync(request);
    return { code: exitCode, stdout: Buffer.from(stdout).toString(), stderr: Buffer.from(stderr).toString() };
  }

  /** stdout of a script that has to succeed. */
  async sh(script: string): Promise<string> {
    const { code, stdout, stderr } = await this.exec(["sh", "-c", script]);
    if (code !== 0) throw new Error(`${script} ended with ${code}: ${stdout}${stderr}`);
    return stdout;
  }

  async log(): Promise<LogRecord[]> {
    return readLog(this.logPath);
  }

  async stdout(): Promise<string> {
    return textOf(await this.log(), "stdout");
  }

  /** Waits until stdout holds the text. */
  async says(text: string): Promise<string> {
    return eventually(
      `stdout says ${JSON.stringify(text)}`,
      () => this.stdout(),
      (seen) => seen.includes(text),
    );
  }

  async stop(timeoutSeconds: number): Promise<void> {
    await this.#cri.stopContainer({ containerId: this.id, timeout: BigInt(timeoutSeconds) });
  }

  async remove(): Promise<void> {
    await this.#cri.removeContainer({ containerId: this.id });
  }
}
