import type { Random } from "../support/random.ts";
import type { WorkerSettings } from "./fault_worker.ts";

interface Process {
  readonly child: Deno.ChildProcess;
  port: number | null;
  killed: boolean;
  answers: number;
}

const ROOT = new URL("../../", import.meta.url);
const REQUEST_TIMEOUT_MS = 8_000;
/** Most victims are in the middle of their work; the others have just begun. */
const AT_WORK_ANSWERS = 5;
const JUST_BEGUN_SHARE = 0.1;

/** Worker processes that share one store; the dead are replaced. */
export class Fleet implements AsyncDisposable {
  kills = 0;
  /** What no fault explains: a process that ended by itself, or reported a defect. */
  readonly defects: string[] = [];
  readonly #processes = new Set<Process>();

  constructor(
    readonly settings: WorkerSettings,
    readonly random: Random,
    readonly environment: Readonly<Record<string, string>> = {},
  ) {}

  start(): void {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        `--config=${new URL("deno.json", ROOT).pathname}`,
        new URL("tests/faults/fault_worker.ts", ROOT).pathname,
        JSON.stringify(this.settings),
      ],
      env: { ...this.environment },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const process: Process = { child, port: null, killed: false, answers: 0 };
    this.#processes.add(process);
    this.#watch(process).catch((error) => this.defects.push(String(error)));
  }

  /** SIGKILL to one that is at work, and a new one in its place. `false`: nobody is yet. */
  strike(): boolean {
    const atWork = this.random.chance(JUST_BEGUN_SHARE) ? 0 : AT_WORK_ANSWERS;
    const victims = this.#ready().filter(({ answers }) => answers >= atWork);
    if (victims.length === 0) return false;
    this.#kill(this.random.pick(victims));
    this.kills++;
    this.start();
    return true;
  }

  /** The answer of some worker, `null` when the connection broke or took too long. */
  async ask(body: unknown): Promise<unknown> {
    const ready = this.#ready();
    if (ready.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return null;
    }
    const process = this.random.pick(ready);
    try {
      const reply = await fetch(`http://127.0.0.1:${process.port}/`, {
        method: "POST",
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      const answer: unknown = await reply.json();
      process.answers++;
      return answer;
    } catch {
      return null;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = [...this.#processes];
    for (const process of left) this.#kill(process);
    await Promise.all(left.map(({ child }) => child.status));
  }

  #ready(): Process[] {
    return [...this.#processes].filter(({ port, killed }) => port !== null && !killed);
  }

  #kill(process: Process): void {
    process.killed = true;
    try {
      process.child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }

  async #watch(process: Process): Promise<void> {
    const { child } = process;
    const errors = new Response(child.stderr).text();
    const lines = child.stdout.pipeThrough(new TextDecoderStream());
    let rest = "";
    for await (const text of lines) {
      const [...whole] = (rest + text).split("\n");
      rest = whole.pop() ?? "";
      for (const line of whole) this.#note(process, line);
    }
    const { code } = await child.status;
    this.#processes.delete(process);
    const said = (await errors).trim();
    if (!process.killed) this.defects.push(`a worker ended with ${code}: ${said.slice(-400)}`);
  }

  #note(process: Process, line: string): void {
    const [word, value] = line.split(" ", 2);
    if (word === "listening") process.port = Number(value);
    else this.defects.push(line);
  }
}
