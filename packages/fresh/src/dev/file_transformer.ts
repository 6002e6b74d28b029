/** Which static files a transformer takes. */
export interface OnTransformOptions {
  pluginName: string;
  filter: RegExp;
  exclude?: RegExp | RegExp[];
}

/** One static file on its way into the build. */
export interface OnTransformArgs {
  path: string;
  mode: "development" | "production";
  text: string;
  content: Uint8Array;
}

export interface OnTransformResult {
  content: string | Uint8Array;
}

export type TransformFn = (args: OnTransformArgs) =>
  | OnTransformResult
  | undefined
  | void
  | Promise<OnTransformResult | undefined | void>;

/** Runs the registered transformers over static files, in order of registration. */
export class FileTransformer {
  mode: "development" | "production" = "production";
  readonly #transformers: { options: OnTransformOptions; fn: TransformFn }[] = [];

  add(options: OnTransformOptions, fn: TransformFn): void {
    this.#transformers.push({ options, fn });
  }

  /** The file's content after all transformers; the same object if none changed it. */
  async run(path: string, original: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    let content = original;
    for (const { options, fn } of this.#transformers) {
      if (!applies(options, path)) continue;
      const text = new TextDecoder().decode(content);
      const result = await fn({ path, mode: this.mode, text, content });
      if (!result) continue;
      content = typeof result.content === "string"
        ? new TextEncoder().encode(result.content)
        : Uint8Array.from(result.content);
    }
    return content;
  }
}

function applies({ filter, exclude }: OnTransformOptions, path: string): boolean {
  const excluded = exclude === undefined ? [] : [exclude].flat();
  return filter.test(path) && !excluded.some((pattern) => pattern.test(path));
}
