import { CommandPalette } from "@/islands/CommandPalette.tsx";
import { define } from "../../(_shared)/operator_state.ts";

/** Every page of the desk can be left for any other by a few letters. */
export default define.layout(({ Component }) => (
  <>
    <Component />
    <CommandPalette href="/operator/search/tenants" />
  </>
));
