import { Icon } from "./Icon.tsx";
import { noticeIcon } from "./Notice.tsx";

/** What the last action did; carried over the redirect after a POST and shown once. */
export interface Flash {
  readonly tone: "good" | "bad" | "info" | "warn";
  readonly text: string;
}

/** Takes the focus on load, so that a screen reader says it although no script runs. */
export function Toast({ flash }: { flash: Flash }) {
  return (
    <div
      class={`notice toast notice-${flash.tone}`}
      role={flash.tone === "bad" ? "alert" : "status"}
      tabIndex={-1}
      autofocus
    >
      <Icon name={noticeIcon(flash.tone)} />
      <div class="notice-body">
        <bdi>{flash.text}</bdi>
      </div>
    </div>
  );
}
