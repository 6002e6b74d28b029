import { Form } from "./Form.tsx";
import { Icon } from "./Icon.tsx";
import { useSay } from "./viewer.ts";

export type Theme = "system" | "light" | "dark";

const THEMES = [
  { theme: "system", icon: "system", label: "theme_system" },
  { theme: "light", icon: "sun", label: "theme_light" },
  { theme: "dark", icon: "moon", label: "theme_dark" },
] as const;

/** Three submit buttons: the cookie they set is rendered into <html>, so nothing ever flashes. */
export function ThemeSwitch({ theme }: { theme: Theme }) {
  const say = useSay();
  return (
    <Form action="/theme" class="segmented segmented-icons" label={say("theme")}>
      {THEMES.map((option) => (
        <button
          key={option.theme}
          type="submit"
          name="theme"
          value={option.theme}
          aria-pressed={option.theme === theme ? "true" : "false"}
          title={say(option.label)}
        >
          <Icon name={option.icon} size={16} />
          <span class="sr-only">{say(option.label)}</span>
        </button>
      ))}
    </Form>
  );
}
