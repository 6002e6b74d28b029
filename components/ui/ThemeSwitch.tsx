import { Form } from "./Form.tsx";
import { Icon } from "./Icon.tsx";

export type Theme = "system" | "light" | "dark";

const THEMES = [
  { theme: "system", icon: "system", label: "Theme of the device" },
  { theme: "light", icon: "sun", label: "Light theme" },
  { theme: "dark", icon: "moon", label: "Dark theme" },
] as const;

/** Three submit buttons: the cookie they set is rendered into <html>, so nothing ever flashes. */
export function ThemeSwitch({ theme }: { theme: Theme }) {
  return (
    <Form action="/theme" class="segmented segmented-icons" label="Theme">
      {THEMES.map((option) => (
        <button
          key={option.theme}
          type="submit"
          name="theme"
          value={option.theme}
          aria-pressed={option.theme === theme ? "true" : "false"}
          title={option.label}
        >
          <Icon name={option.icon} size={16} />
          <span class="sr-only">{option.label}</span>
        </button>
      ))}
    </Form>
  );
}
