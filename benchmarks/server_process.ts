/** A server under measurement: a process of its own that prints `{ port, … }` once it listens. */
export class ServerProcess {
  private constructor(
    private readonly child: Deno.ChildProcess,
    readonly port: number,
    /** What else it printed. */
    readonly facts: { readonly key: string; readonly instrumentIds: readonly string[] },
  ) {}

  static async start(script: string, env: Record<string, string> = {}): Promise<ServerProcess> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", ...await startFlags(), script],
      cwd: new URL("../", import.meta.url),
      env,
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`${script} ended before it listened`);
      text += value;
    }
    reader.releaseLock();
    const { port, ...facts } = JSON.parse(text.split("\n")[0] ?? "");
    return new ServerProcess(child, port, facts);
  }

  /**
   * Processor time of the process so far, in microseconds: all of it, and the part of the thread
   * that runs JavaScript. It says more than throughput on a machine that others use too. `null`
   * where there is no `/proc`.
   */
  cpu(): CpuTime | null {
    try {
      const main = threadMicros(`/proc/${this.child.pid}/task/${this.child.pid}`);
      let all = 0;
      for (const { name } of Deno.readDirSync(`/proc/${this.child.pid}/task`)) {
        all += threadMicros(`/proc/${this.child.pid}/task/${name}`);
      }
      return { all, main };
    } catch {
      return null;
    }
  }

  /** Resident memory in MiB, `null` where there is no `/proc`. */
  residentMiB(): number | null {
    try {
      const status = Deno.readTextFileSync(`/proc/${this.child.pid}/status`);
      return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024);
    } catch {
      return null;
    }
  }

  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    await this.child.status;
  }
}

/** Flags of V8 with which `deno task start` runs the product, for every server alike. */
async function startFlags(): Promise<readonly string[]> {
  const text = await Deno.readTextFile(new URL("../deno.json", import.meta.url));
  const command: string = JSON.parse(text).tasks.start.command;
  return command.split(" ").filter((part) => part.startsWith("--v8-flags="));
}

export interface CpuTime {
  readonly all: number;
  readonly main: number;
}

/** The scheduler counts in nanoseconds. */
function threadMicros(folder: string): number {
  return Number(Deno.readTextFileSync(`${folder}/schedstat`).split(" ")[0]) / 1_000;
}
