import { createContext } from "preact";

/** True for everything that an island renders. */
export const InsideIsland = createContext(false);
