import { type Context, createDefine } from "fresh";
import type { Services } from "@/lib/services.ts";
import type { State } from "./state.ts";

export type AppState = State<Services>;

/** What API handlers use of a request. */
export type ApiContext = Pick<Context<AppState>, "req" | "url" | "params" | "state">;

/** Types handlers, pages and middlewares of this app's routes. */
export const define = createDefine<AppState>();
