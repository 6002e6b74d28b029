import { createDefine } from "fresh";
import type { Services } from "@/lib/services.ts";
import type { State } from "./state.ts";

export type AppState = State<Services>;

/** Types handlers, pages and middlewares of this app's routes. */
export const define = createDefine<AppState>();
